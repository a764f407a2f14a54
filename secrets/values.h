#pragma once

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/secret_rule.h"
#include "vault/vault.h"

namespace runward {

// The values of a container's rules, in their order, read from the open vault. Each read is an
// event before the value is handed out: where the policy requires records, no record means no
// value. So is a read that fails. An Error, and none of the values, when one cannot be read.
Result<std::vector<SecretValue>> ReadSecrets(const Vault& vault, const Paths& paths,
                                             const Record& record,
                                             const std::vector<SecretRule>& rules);

// The same for who has no key: from the agent; and where none runs, with the vault's key file. An
// Error for a vault that neither opens says with which command to unlock it.
Result<std::vector<SecretValue>> FetchSecrets(const Paths& paths, const std::string& key,
                                              const Record& record,
                                              const std::vector<SecretRule>& rules);

// As FetchSecrets by the key file alone.
Result<std::vector<SecretValue>> ReadWithKeyFile(const Paths& paths, const Record& record,
                                                 const std::vector<SecretRule>& rules);

// The Error of a vault that nothing opens, with the command that does.
Error LockedVault(const Paths& paths, const std::string& why);

// The views that secrets/supply.h and secrets/replace.h take.
std::vector<std::string_view> ViewsOf(const std::vector<SecretValue>& values);

}  // namespace runward
