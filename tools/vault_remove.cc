#include "tools/vault.h"

namespace runward {
namespace {

// What is done to a name, or to one version of it.
struct Change {
  std::string_view done;  // "was removed"
  Result<void> (VaultWriter::*apply)(const EntryName&, uint32_t);
};

int Apply(const CommandLine& line, const VaultCall& call, const Change& change) {
  const Result<SecretReference> what = SecretReference::ParseName(call.options.words().front());
  if (!what.ok()) return PrintError(what.error());
  const SecretReference& reference = what.value();
  const auto generation = [&]() -> Result<uint64_t> {
    VaultWriter writer = TRY(VaultWriter::Open(call.path, call.key));
    TRY((writer.*change.apply)(reference.name, reference.version));
    return writer.Commit(Now());
  }();
  if (!generation.ok()) return PrintError(generation.error());
  const std::string text = reference.name.Text() +
                           (reference.version == 0 ? "" : "@" + std::to_string(reference.version));
  Print(text + "  " + std::string(change.done) + "\n");
  return Finish(
      LogWritten(line, "secret \"" + text + "\" " + std::string(change.done), generation.value()));
}

}  // namespace

int VaultRemove(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault remove", {{"--destroy", false}}, {1, 1}, code);
  if (!call) return code;
  if (call->options.Has("--destroy")) {
    return Apply(line, *call, {"was destroyed", &VaultWriter::Destroy});
  }
  return Apply(line, *call, {"was removed", &VaultWriter::Remove});
}

int VaultRestore(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault restore", {}, {1, 1}, code);
  if (!call) return code;
  return Apply(line, *call, {"was restored", &VaultWriter::Restore});
}

}  // namespace runward
