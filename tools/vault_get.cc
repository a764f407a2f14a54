#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "tools/vault.h"

namespace runward {
namespace {

Result<void> WriteWhole(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return ErrnoError("write \"" + name + "\"", errno);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return {};
}

// A new file, mode 0600; nothing is left of one that could not be written whole.
Result<void> WriteNewFile(const std::string& path, std::string_view bytes) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid() && errno == EEXIST) {
    return Error{"create \"" + path + "\": it exists", "name another, or remove it first"};
  }
  if (!fd.valid()) return ErrnoError("create \"" + path + "\"", errno);
  Result<void> done = WriteWhole(fd.get(), bytes, path);
  if (!done.ok()) unlink(path.c_str());
  return done;
}

Result<void> Get(const CommandLine& line, const VaultCall& call) {
  const std::string out = call.options.Last("--out", call.options.Last("-o", ""));
  if (out.empty() && isatty(STDOUT_FILENO) != 0) {
    return Error{"refusing to show a secret on the terminal",
                 "pipe it on, write it to a file with --out FILE, or insist with --out -"};
  }
  const SecretReference reference = TRY(SecretReference::ParseName(call.options.words().front()));
  const Vault vault = TRY(Vault::Open(call.path, call.key));
  const FoundVersion found = TRY(vault.Find(reference.name, reference.version, Now()));
  const SecretValue value = TRY(vault.ReadFound(found));
  TRY(LogSecret(line, "vault.read", ReadBy(found)));
  if (out.empty() || out == "-") return WriteWhole(STDOUT_FILENO, value.view(), "standard output");
  return WriteNewFile(out, value.view());
}

}  // namespace

int VaultGet(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault get", {{"--out", true}, {"-o", true}}, {1, 1}, code);
  if (!call) return code;
  const Result<void> done = Get(line, *call);
  return done.ok() ? kExitDone : PrintError(done.error());
}

}  // namespace runward
