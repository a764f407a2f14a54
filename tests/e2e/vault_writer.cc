// What the tests of secrets make vaults with, thousands of entries at once among them.
//
//   vault_writer VAULT KEYFILE init              a new key file and a vault that it opens
//   vault_writer VAULT KEYFILE put NAME [SECONDS] < VALUE    good for so many seconds
//   vault_writer VAULT KEYFILE fill COUNT        fill/nI#k, each with a value of its own

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/file.h"
#include "vault/create.h"
#include "vault/key_file.h"
#include "vault/unlock.h"
#include "vault/writer.h"

namespace runward {
namespace {

Result<void> Init(const std::string& vault, const std::string& key_file) {
  std::vector<SlotSecret> slots(1);
  slots[0] = {.kind = SlotKind::kKeyFile, .label = "test", .secret = TRY(CreateKeyFile(key_file))};
  (void)TRY(CreateVault(vault, slots, Now()));
  return {};
}

Result<void> Put(VaultWriter& writer, const std::string& name, int64_t seconds) {
  const std::string value = TRY(ReadFdCapped(STDIN_FILENO, size_t{16} << 20, "the value"));
  PutOptions options;
  if (seconds != 0) options.not_after = Time{Now().ns + seconds * 1'000'000'000};
  const EntryName entry = TRY(EntryName::Parse(name));
  (void)TRY(writer.Put(entry, value, options, Now()));
  return {};
}

Result<void> Fill(VaultWriter& writer, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const EntryName entry = TRY(EntryName::Parse("fill/n" + std::to_string(i) + "#k"));
    (void)TRY(writer.Put(entry, "value " + std::to_string(i), {}, Now()));
  }
  return {};
}

Result<void> Run(const std::vector<std::string>& words) {
  if (words.size() < 3) return Error{"too few arguments", ""};
  if (words[2] == "init") return Init(words[0], words[1]);
  const MasterKey key = TRY(UnlockWithKeyFile(words[0], words[1]));
  VaultWriter writer = TRY(VaultWriter::Open(words[0], key));
  if (words.size() < 4) return Error{"too few arguments", ""};
  if (words[2] == "fill") TRY(Fill(writer, std::strtoll(words[3].c_str(), nullptr, 10)));
  if (words[2] == "put") {
    TRY(Put(writer, words[3], words.size() > 4 ? std::strtoll(words[4].c_str(), nullptr, 10) : 0));
  }
  (void)TRY(writer.Commit(Now()));
  return {};
}

}  // namespace
}  // namespace runward

// NOLINTNEXTLINE(bugprone-exception-escape): one ends the test that called it, as it should.
int main(int argc, char** argv) {
  const auto done = runward::Run({argv + 1, argv + argc});
  if (!done.ok()) std::fprintf(stderr, "vault_writer: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
