#include "base/file.h"
#include "tools/made_key_file.h"
#include "tools/vault.h"
#include "vault/create.h"

namespace runward {
namespace {

Result<void> Init(const CommandLine& line, const Options& options, const std::string& path) {
  TRY(HardenProcess());
  if (!FileMissing(path)) {
    return Error{"create \"" + path + "\": it exists, and a vault is never overwritten",
                 "name another with --vault FILE, or move it away"};
  }
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    TRY(MakeDirectories(path.substr(0, slash), /*secret=*/false));
  }
  std::vector<SlotSecret> slots;
  const std::string file = options.Last("--key-file", "");
  if (file.empty() && !options.Has("--passphrase")) {
    return Error{"how shall the vault be unlocked?",
                 "--key-file " + line.paths.vault_key +
                     " makes a key for this machine; --passphrase asks for one; both may be given"};
  }
  MadeKeyFile made(file);
  for (const SlotFlags& flags : {SlotFlags{"--passphrase", ""}, SlotFlags{"", "--key-file"}}) {
    std::optional<SlotSecret> slot = TRY(NewSlotSecret(options, flags));
    if (slot) slots.push_back(*std::move(slot));
  }
  (void)TRY(CreateVault(path, slots, Now()));
  made.Keep();
  return {};
}

}  // namespace

int VaultInit(const CommandLine& line) {
  const Result<Options> options = ParseVaultOptions(line, {}, {});
  if (!options.ok()) return PrintUsage("vault init", options.error());
  const std::string path = VaultPath(line, options.value());
  const Result<void> done = Init(line, options.value(), path);
  if (!done.ok()) return PrintError(done.error());
  const std::string key_file = options.value().Last("--key-file", "");
  Print("vault     " + path + "\n");
  if (!key_file.empty()) {
    Print("key file  " + key_file + "   who reads it reads the vault; keep a copy elsewhere\n");
  }
  Print("Next: runwardctl vault put web/db#password\n");
  return Finish(LogWritten(line, "vault \"" + path + "\" was made", 1));
}

}  // namespace runward
