#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/agent_client.h"
#include "oci/record.h"
#include "policy/secret_rule.h"
#include "vault/vault.h"

namespace runward {

// Values, in the order of the rules that they are for; in locked memory, which goes with this.
struct SecretValues {
  LockedBytes owner;
  std::vector<std::string_view> views;
};

// The values of a container's rules, in their order, read from the open vault. Each read is an
// event before the value is handed out: where the policy requires records, no record means no
// value. So is a read that fails. An Error, and none of the values, when one cannot be read.
Result<SecretValues> ReadSecrets(const Vault& vault, const Paths& paths, const Record& record,
                                 const std::vector<SecretRule>& rules);

// The same for who has no key: from the agent; and where none runs, with the vault's key file. An
// Error for a vault that neither opens says with which command to unlock it. The agent works
// between the two steps, in which the caller may prepare the place.
class SecretRequest {
 public:
  // What is given here must outlive this.
  static Result<SecretRequest> Begin(const Paths& paths, const std::string& key,
                                     const Record& record, const std::vector<SecretRule>& rules);
  Result<SecretValues> Take();

 private:
  SecretRequest(const Paths& paths, const Record& record, const std::vector<SecretRule>& rules)
      : paths_(paths), record_(record), rules_(rules) {}
  const Paths& paths_;
  const Record& record_;
  const std::vector<SecretRule>& rules_;
  std::optional<AskedSecrets> asked_;
};

// The Error of a vault that nothing opens, with the command that does.
Error LockedVault(const Paths& paths, const std::string& why);

}  // namespace runward
