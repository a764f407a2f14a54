#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "vault/header.h"
#include "vault/master_key.h"
#include "vault/superblock.h"

namespace runward {

// Whether more of the body is dead than alive (and it is worth the trouble: over a megabyte), or
// something in it was to be destroyed.
bool CompactionDue(const Superblock& superblock);

// Writes the vault anew without what nothing refers to, in its place; `fd` is the file, locked by
// the caller. The new generation. Values are copied as they are: no one is decrypted.
Result<uint64_t> Compact(int fd, const std::string& path, const MasterKey& key, Time now);

// The same content under another header (other slots): a copy, byte for byte, of what counts, and
// an empty commit. `header.vault` stays.
Result<uint64_t> ReplaceHeader(int fd, const std::string& path, const MasterKey& key,
                               const VaultHeader& header, Time now);

}  // namespace runward
