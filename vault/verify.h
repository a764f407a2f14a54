#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "vault/master_key.h"
#include "vault/vault.h"

namespace runward {

struct VaultReport {
  uint64_t generation = 0;
  uint64_t entries = 0;
  uint64_t values = 0;
  uint64_t bytes = 0;
  uint64_t dead = 0;    // bytes that a compaction would remove
  uint64_t behind = 0;  // bytes behind the end, of a writer that died; nothing reads them
};

// Reads every byte of the vault: all values open, the index counts right, and each commit's bytes
// are those that it was made of, also what nothing refers to any more. An Error says what is not
// so.
Result<VaultReport> VerifyVault(const std::string& path, const MasterKey& key);
Result<VaultReport> VerifyVault(const Vault& vault);

}  // namespace runward
