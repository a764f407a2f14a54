#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/event_text.h"
#include "base/fd.h"
#include "tools/forgetful_heap.h"
#include "tools/secret_import.h"
#include "tools/vault.h"

namespace runward {
namespace {

Result<LockedBytes> ReadSource(const std::string& from) {
  if (from == "-") return ReadLocked(STDIN_FILENO, kMaxImportBytes, "the standard input");
  const UniqueFd fd(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return ErrnoError("open \"" + from + "\"", errno);
  return ReadLocked(fd.get(), kMaxImportBytes, from);
}

Result<Imported> ReadKind(const std::string& kind, const std::string& from,
                          const std::string& into) {
  const bool named = kind == "kubernetes" || kind == "kv" || !into.empty();
  if (!named) return Error{"under which path?", "--into PATH, such as --into web"};
  if (kind == "docker") return ImportDocker(from, into);
  const LockedBytes text = TRY(ReadSource(from));
  if (kind == "env") return ImportEnv(text.view(), into);
  if (kind == "kubernetes") return ImportKubernetes(text.view(), into);
  if (kind == "kv") return ImportKv(text.view(), into);
  return Error{"unknown kind \"" + kind + "\"", "env, kubernetes, docker or kv"};
}

// Whether the vault's newest version has this value already, so that importing twice changes
// nothing.
Result<bool> Same(const CommandLine& line, const Vault& vault, const ImportedSecret& secret) {
  const Result<FoundVersion> found = vault.Find(secret.name, 0, Now());
  if (!found.ok() || Vault::SizeOf(found.value()) != secret.value.size()) return false;
  TRY(LogSecret(line, "vault.read",
                ReadBy(found.value()) + " to be compared with what is imported"));
  const SecretValue value = TRY(vault.ReadFound(found.value()));
  return sodium_memcmp(value.data(), secret.value.data(), secret.value.size()) == 0;
}

// All or nothing. What was put, for the log.
Result<uint64_t> PutAll(const CommandLine& line, const VaultCall& call, const Imported& secrets,
                        std::vector<std::string>& put) {
  const Vault before = TRY(Vault::Open(call.path, call.key));
  VaultWriter writer = TRY(VaultWriter::Open(call.path, call.key));
  for (const ImportedSecret& secret : secrets) {
    if (TRY(Same(line, before, secret))) {
      Print(secret.name.Text() + "  unchanged\n");
      continue;
    }
    const uint32_t version = TRY(writer.Put(secret.name, secret.value.view(), {}, Now()));
    put.push_back(secret.name.Text());
    Print(secret.name.Text() + "  version " + std::to_string(version) + "\n");
  }
  return put.empty() ? before.generation() : writer.Commit(Now());
}

Result<void> CheckUnique(const Imported& secrets) {
  std::set<EntryName> names;
  for (const ImportedSecret& secret : secrets) {
    if (!names.insert(secret.name).second) {
      return Error{"\"" + secret.name.Text() + "\" comes twice", "remove one of the two"};
    }
  }
  if (secrets.empty()) return Error{"there is no secret in it", ""};
  return {};
}

int Import(const CommandLine& line, const VaultCall& call) {
  const auto& words = call.options.words();
  const Result<Imported> found = ReadKind(words[0], words[1], call.options.Last("--into", ""));
  if (!found.ok()) return PrintError(found.error());
  const Result<void> unique = CheckUnique(found.value());
  if (!unique.ok()) return PrintError(unique.error());
  if (call.options.Has("--dry-run")) {
    for (const ImportedSecret& secret : found.value()) Print(secret.name.Text() + "\n");
    return Finish(kExitDone);
  }
  std::vector<std::string> put;
  const Result<uint64_t> generation = PutAll(line, call, found.value(), put);
  if (!generation.ok()) {
    return PrintError(
        {generation.error().message + "; nothing was stored", generation.error().hint});
  }
  int code = kExitDone;
  for (const std::string& name : put) {
    code = std::max(code,
                    LogWritten(line, "secret \"" + name + "\" was imported", generation.value()));
  }
  return Finish(code);
}

}  // namespace

Result<void> AddImported(const std::string& path, std::string_view key, std::string_view value,
                         Imported& to) {
  EntryName name = TRY(EntryName::Parse(path + "#" + std::string(key)));
  to.push_back({.name = std::move(name), .value = TRY(SecretValue::Copy(value))});
  return {};
}

std::string JoinPath(const std::string& first, std::string_view second) {
  return first.empty() ? std::string(second) : first + "/" + std::string(second);
}

int VaultImport(const CommandLine& line) {
  ForgetWhatIsFreed();
  int code = 0;
  const auto call =
      BeginVault(line, "vault import", {{"--into", true}, {"--dry-run", false}}, {2, 2}, code);
  if (!call) return code;
  code = Import(line, *call);
  // Where short strings lay, and registers that a value went through.
  constexpr size_t kDeep = size_t{128} << 10;
  sodium_stackzero(kDeep);
  return code;
}

}  // namespace runward
