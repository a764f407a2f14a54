#include <unistd.h>

#include "tools/vault.h"
#include "vault/verify.h"

namespace runward {

int VaultVerify(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault verify", {}, {}, code);
  if (!call) return code;
  const Result<void> logged =
      LogSecret(line, "vault.read",
                "all secrets were read by user " + std::to_string(getuid()) + " to be verified");
  if (!logged.ok()) return PrintError(logged.error());
  const Result<VaultReport> report = VerifyVault(call->path, call->key);
  if (!report.ok()) return PrintNo(report.error().message, report.error().hint);
  const VaultReport& found = report.value();
  Print("whole: " + std::to_string(found.entries) + " secrets, " + std::to_string(found.values) +
        " values, " + std::to_string(found.bytes) + " bytes, generation " +
        std::to_string(found.generation) + "\n");
  if (found.behind > 0) {
    Print("behind its end lie " + std::to_string(found.behind) +
          " bytes of a write that was not finished; nothing reads them\n");
  }
  Print(
      "Whether it is the newest copy only the event log can say: runwardctl report events shows "
      "the generation of each change\n");
  return Finish(kExitDone);
}

}  // namespace runward
