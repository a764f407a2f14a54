#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "vault/locked_bytes.h"
#include "vault/record.h"

namespace runward {

// Nodes of the index that were read and proven, for who opens the vault again and again with one
// key: in locked memory, zeroed when they go. A node is found by the reference that the node above
// or the superblock has to it, tag included, and what a reference names cannot be another
// (docs/formats.md). So it is what would be read, whatever has become of the file: which nodes
// count, the file alone says, whose superblocks are read and proven each time. Not noticed by its
// help is damage to a node that is kept; `vault verify` does not use it.
class NodeShelf {
 public:
  // Takes so much locked memory at the first node, and keeps none where it gets none.
  explicit NodeShelf(size_t bytes) : room_(bytes) {}

  // A node's text, until the next call of the others.
  [[nodiscard]] std::optional<std::string_view> Find(const RecordRef& ref) const;
  // Forgets all others when it is full.
  void Put(const RecordRef& ref, std::string_view plain);
  // Zeroes it, and gives the memory back.
  void Forget();

 private:
  struct Kept {
    RecordRef ref;
    size_t at = 0;
    size_t size = 0;
  };

  size_t room_;
  size_t used_ = 0;
  LockedBytes bytes_;
  std::map<uint64_t, Kept> nodes_;  // by offset: what lies there now
};

}  // namespace runward
