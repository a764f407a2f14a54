#include "base/file.h"
#include "tools/made_key_file.h"
#include "tools/vault.h"
#include "vault/export.h"

namespace runward {
namespace {

Result<void> Export(const VaultCall& call, const std::string& out) {
  if (!FileMissing(out)) {
    return Error{"create \"" + out + "\": it exists, and a vault is never overwritten",
                 "name another, or move it away"};
  }
  const Vault vault = TRY(Vault::Open(call.path, call.key));
  MadeKeyFile made(call.options.Last("--new-key-file", ""));
  std::optional<SlotSecret> slot =
      TRY(NewSlotSecret(call.options, {"--new-passphrase", "--new-key-file"}));
  if (slot.has_value() == call.options.Has("--same-key")) {
    return Error{"under which key?",
                 "one of --same-key (a backup), --new-key-file FILE and --new-passphrase"};
  }
  if (!slot) return BackUpVault(vault, out);
  std::vector<SlotSecret> slots;
  slots.push_back(*std::move(slot));
  TRY(ExportVault(vault, out, slots, Now()));
  made.Keep();
  return {};
}

}  // namespace

int VaultExport(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault export",
                               {{"--out", true},
                                {"--same-key", false},
                                {"--new-key-file", true},
                                {"--new-passphrase", false}},
                               {}, code);
  if (!call) return code;
  const std::string out = call->options.Last("--out", "");
  if (out.empty()) return PrintUsage("vault export", {"it needs --out FILE", ""});
  // All values are read, and are to be had by whoever has that key.
  const Result<void> logged =
      LogSecret(line, "vault.read", "all secrets were exported to \"" + out + "\"");
  if (!logged.ok()) return PrintError(logged.error());
  const Result<void> done = Export(*call, out);
  if (!done.ok()) return PrintError(done.error());
  Print("vault     " + out + "\n");
  return Finish(kExitDone);
}

}  // namespace runward
