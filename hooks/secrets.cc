#include "hooks/secrets.h"

#include "oci/record.h"
#include "oci/secret_record.h"
#include "secrets/supply.h"
#include "secrets/values.h"

namespace runward {

Result<void> SupplyContainer(const Paths& paths, const std::string& key, pid_t pid) {
  TRY(HardenProcess());
  const Record record = TRY(ReadRecordOf(paths, key));
  const std::vector<SecretRule> rules = TRY(ParseSecretRules(record.secrets));
  SecretRequest request = TRY(SecretRequest::Begin(paths, key, record, rules));
  return SupplySecrets(paths, key, record, pid, rules, request);
}

}  // namespace runward
