#include "hooks/secrets.h"

#include "oci/record.h"
#include "oci/secret_record.h"
#include "secrets/fill.h"
#include "secrets/supply.h"
#include "secrets/values.h"

namespace runward {
namespace {

Result<void> SupplyWithKeyFile(const Paths& paths, const std::string& key, pid_t pid) {
  TRY(HardenProcess());
  const Record record = TRY(ReadRecordOf(paths, key));
  const std::vector<SecretRule> rules = TRY(ParseSecretRules(record.secrets));
  const IdMaps maps = TRY(IdMaps::Of(pid));
  const SecretValues values = TRY(ReadWithKeyFile(paths, record, rules));
  const auto filesystems = TRY(FillFilesystems(maps, rules, values.views));
  TRY(NoteFilesystems(paths, key, pid, filesystems));
  return SupplySecrets(pid, record.rootfs, filesystems);
}

}  // namespace

Result<void> SupplyContainer(const Paths& paths, const std::string& key, pid_t pid) {
  const std::optional<HandedFilesystems> handed = TRY(AskForFilesystems(paths, key, pid));
  if (handed) return SupplySecrets(pid, handed->rootfs, handed->filesystems);
  return SupplyWithKeyFile(paths, key, pid);
}

}  // namespace runward
