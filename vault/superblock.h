#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/header.h"
#include "vault/master_key.h"
#include "vault/record.h"

namespace runward {

// What of the file counts. There are two, one sector each, behind the header; a commit replaces the
// older one by a single write once everything that it names is on the disk. So a writer that dies
// leaves the one or the other state. Both must prove themselves: one that does not is damage or a
// forgery, and believing the other would be the rollback that it asks for.
struct Superblock {
  static constexpr size_t kBytes = 512;
  static constexpr size_t kFirstAt = VaultHeader::kBytes;

  uint64_t generation = 0;  // one more with each commit; 0: never written
  uint64_t end = 0;         // how many bytes of the file count
  uint64_t time = 0;        // of the commit, nanoseconds since 1970
  RecordRef commit;
  RecordRef root;  // of the index; none for an empty vault
  uint64_t entries = 0;
  uint64_t live = 0;   // bytes of the body that are reached from `root`
  bool purge = false;  // something was destroyed, whose bytes a compaction has yet to remove
  Mac header{};        // the header's MAC: an older header does not fit

  [[nodiscard]] std::string Format(const MasterKey& key, const VaultId& vault) const;
  // Nothing said about why: it is damaged, torn by a concurrent write, or another key's.
  static Result<Superblock> Parse(std::string_view bytes, const MasterKey& key,
                                  const VaultId& vault);
  // Where the superblock of a generation lies.
  static size_t PlaceOf(uint64_t generation) { return kFirstAt + (generation % 2) * kBytes; }
};

inline constexpr size_t kBodyAt = Superblock::kFirstAt + 2 * Superblock::kBytes;

// The newer of the two at the beginning of a file (kBodyAt bytes), when both are whole.
Result<Superblock> NewestSuperblock(std::string_view front, const MasterKey& key,
                                    const VaultHeader& header);

}  // namespace runward
