#pragma once

#include <optional>
#include <string>

#include "agent/secret_supplier.h"
#include "agent/vault_holder.h"
#include "base/paths.h"

namespace runward {

// The answer to a request about the vault (oci/agent_client.h); nullopt for any other request, and
// "" when the client has got its answer already. A client gets what its container's record lists,
// in a pipe or in filesystems; nothing names a secret that it wants.
std::optional<std::string> AnswerVaultRequest(const Paths& paths, VaultHolder& holder,
                                              SecretSupplier& supplier, int client,
                                              const std::string& request);

}  // namespace runward
