#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vault/entry.h"
#include "vault/master_key.h"
#include "vault/record.h"

namespace runward {

// The index is a tree of nodes, each a record, each named by the one above with its tag (so the
// root proves them all). Names are spread by a keyed hash, 16 ways a level: its shape tells nothing
// about them, and 100,000 entries are four levels.
using NameHash = std::array<uint8_t, 16>;
inline constexpr size_t kFanOut = 16;
inline constexpr size_t kMaxDepth = 2 * sizeof(NameHash);
inline constexpr size_t kLeafEntries = 16;  // a leaf with more becomes a branch

NameHash HashName(const MasterKey& key, const EntryName& name);
// Which child of a branch at `depth` leads to the name.
size_t ChildOf(const NameHash& hash, size_t depth);

struct Node {
  bool leaf = true;
  std::vector<Entry> entries;               // of a leaf
  std::array<RecordRef, kFanOut> children;  // of a branch

  [[nodiscard]] std::string Format() const;
  static Result<Node> Parse(std::string_view plain);
};

}  // namespace runward
