#include "oci/agent_client.h"
#include "tools/vault.h"

namespace runward {
namespace {

// Of a command without words or flags of its own; nullopt when all is well.
std::optional<int> WrongUsage(const CommandLine& line, std::string_view words) {
  const auto options = Options::Parse(line.args, {});
  if (!options.ok()) return PrintUsage(words, options.error());
  if (options.value().words().empty()) return std::nullopt;
  return PrintUsage(words, Error{"it takes no arguments", ""});
}

}  // namespace

int VaultUnlock(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault unlock", {}, {}, code);
  if (!call) return code;
  if (call->path != line.paths.vault) {
    return PrintNo("the agent gives out what is in \"" + line.paths.vault + "\" and no other vault",
                   "leave --vault out");
  }
  const Result<void> done =
      UnlockAgentsVault(line.paths, call->key.bytes(), "runwardctl vault unlock");
  if (!done.ok()) return PrintError(done.error());
  Print("unlocked until runward-agent ends, or runwardctl vault lock\n");
  return Finish(kExitDone);
}

int VaultLock(const CommandLine& line) {
  if (const auto wrong = WrongUsage(line, "vault lock")) return *wrong;
  const Result<void> done = LockAgentsVault(line.paths);
  if (!done.ok()) return PrintError(done.error());
  Print("locked: containers with secrets do not start until runwardctl vault unlock\n");
  return Finish(kExitDone);
}

int VaultStatusCommand(const CommandLine& line) {
  if (const auto wrong = WrongUsage(line, "vault status")) return *wrong;
  const Result<std::optional<VaultStatus>> asked = AskAboutVault(line.paths);
  if (!asked.ok()) return PrintError(asked.error());
  if (!asked.value()) {
    return PrintNo("runward-agent does not run; containers get secrets by the key file \"" +
                       line.paths.vault_key + "\" alone",
                   "systemctl start runward-agent");
  }
  if (!asked.value()->unlocked) return PrintNo("locked", "runwardctl vault unlock");
  Print("unlocked by " + asked.value()->by + "\n");
  return Finish(kExitDone);
}

}  // namespace runward
