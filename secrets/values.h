#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/secret_rule.h"
#include "vault/vault.h"

namespace runward {

// Values, in the order of the rules that they are for; in locked memory, which goes with this.
struct SecretValues {
  LockedBytes owner;
  std::vector<std::string_view> views;
  std::optional<Time> until;  // when the first of them is not to be given out any more
};

// The values of a container's rules, in their order, read from the open vault. Each read is an
// event before the value is handed out: where the policy requires records, no record means no
// value. So is a read that fails. An Error, and none of the values, when one cannot be read.
Result<SecretValues> ReadSecrets(const Vault& vault, const Paths& paths, const Record& record,
                                 const std::vector<SecretRule>& rules);

// The same with the vault's key file. An Error for a vault that it does not open says with which
// command to unlock it.
Result<SecretValues> ReadWithKeyFile(const Paths& paths, const Record& record,
                                     const std::vector<SecretRule>& rules);

// The same for who has no key, of the record `key`: from the agent; and where none runs, with the
// key file.
Result<SecretValues> AskForValues(const Paths& paths, const std::string& key, const Record& record,
                                  const std::vector<SecretRule>& rules);

// The Error of a vault that nothing opens, with the command that does.
Error LockedVault(const Paths& paths, const std::string& why);

}  // namespace runward
