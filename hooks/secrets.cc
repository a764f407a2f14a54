#include "hooks/secrets.h"

#include <unistd.h>

#include "hooks/early_supply.h"
#include "oci/record.h"
#include "oci/secret_record.h"
#include "secrets/fill.h"
#include "secrets/supply.h"
#include "secrets/values.h"

namespace runward {
namespace {

// What is noted and not there would be looked for at each change of the vault.
Result<void> Place(const Paths& paths, const std::string& key, pid_t pid,
                   const HandedFilesystems& handed) {
  if (handed.filesystems.empty()) return Error{"the container's record lists no secrets", ""};
  Result<void> placed = SupplySecrets(pid, handed.rootfs, handed.filesystems);
  if (!placed.ok()) unlink((RecordDirectory(paths, key) + "/" + std::string(kSecretNote)).c_str());
  return placed;
}

Result<void> SupplyWithKeyFile(const Paths& paths, const std::string& key, pid_t pid) {
  const Record record = TRY(ReadRecordOf(paths, key));
  const std::vector<SecretRule> rules = TRY(ParseSecretRules(record.secrets));
  const IdMaps maps = TRY(IdMaps::Of(pid));
  const SecretValues values = TRY(ReadWithKeyFile(paths, record, rules));
  HandedFilesystems filled{.rootfs = record.rootfs, .filesystems = {}};
  filled.filesystems = TRY(FillFilesystems(maps, rules, values.views));
  TRY(NoteFilesystems(paths, key, pid, filled.filesystems));
  return Place(paths, key, pid, filled);
}

}  // namespace

Result<void> SupplyContainer(const Paths& paths, const std::string& key, pid_t pid) {
  TRY(HardenProcess());  // whoever may look into it reaches the filesystems
  if (const UniqueFd asked(AgentAskedEarly()); asked.valid()) {
    return Place(paths, key, pid, TRY(TakeFilesystems(asked.get())));
  }
  const std::optional<HandedFilesystems> handed = TRY(AskForFilesystems(paths, key, pid));
  if (handed) return Place(paths, key, pid, *handed);
  return SupplyWithKeyFile(paths, key, pid);
}

}  // namespace runward
