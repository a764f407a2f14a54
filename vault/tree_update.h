#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "vault/appender.h"
#include "vault/vault_file.h"

namespace runward {

// What a commit makes of one name.
struct EntryChange {
  NameHash hash{};
  EntryName name;
  std::optional<Entry> entry;  // none: the name goes
};

// Writes the nodes on the way to what changed, and no others: a change costs the depth of the tree.
// The old nodes stay, for readers of the state before.
class TreeUpdate {
 public:
  // `old` (none for a new file) and `to` must outlive this.
  TreeUpdate(const VaultFile* old, const MasterKey& key, const VaultId& vault, Appender& to)
      : old_(old), key_(key), vault_(vault), to_(to) {}

  // The new root after `changes`, no two of one name; none when nothing is left.
  Result<RecordRef> Apply(const RecordRef& root, std::vector<EntryChange> changes);

  [[nodiscard]] int64_t entries() const { return entries_; }  // more (or fewer) than before
  [[nodiscard]] int64_t live_bytes() const { return live_; }  // of nodes: written less replaced

 private:
  using Changes = std::span<const EntryChange>;
  Result<RecordRef> Update(const RecordRef& ref, size_t depth, Changes changes);
  Result<RecordRef> UpdateLeaf(Node node, size_t depth, Changes changes);
  Result<RecordRef> UpdateBranch(Node node, size_t depth, Changes changes);
  Result<RecordRef> Build(std::vector<Entry> entries, size_t depth);
  Result<RecordRef> Write(const Node& node);

  const VaultFile* old_;
  const MasterKey& key_;
  const VaultId& vault_;
  Appender& to_;
  int64_t entries_ = 0;
  int64_t live_ = 0;
};

}  // namespace runward
