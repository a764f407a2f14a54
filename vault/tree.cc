#include "vault/tree.h"

#include <algorithm>

namespace runward {
namespace {

// `room` is what is left of the body: nodes that differ fit into it. One that two branches name,
// level upon level, would be visited for ever.
Result<void> EachBelow(const VaultFile& file, const RecordRef& ref, size_t depth, uint64_t& room,
                       const EntryVisit& visit) {
  if (depth > kMaxDepth) return file.Damaged("its index is too deep");
  if (ref.size > room) return file.Damaged("its index is no tree");
  room -= ref.size;
  const Node node = TRY(file.ReadNode(ref));
  for (const Entry& entry : node.entries) TRY(visit(entry));
  if (node.leaf) return {};
  for (const RecordRef& child : node.children) {
    if (child) TRY(EachBelow(file, child, depth + 1, room, visit));
  }
  return {};
}

}  // namespace

Result<std::optional<Entry>> FindEntry(const VaultFile& file, const EntryName& name) {
  const NameHash hash = HashName(file.key(), name);
  RecordRef ref = file.superblock().root;
  for (size_t depth = 0; ref; ++depth) {
    if (depth > kMaxDepth) return file.Damaged("its index is too deep");
    Node node = TRY(file.ReadNode(ref));
    if (!node.leaf && depth < kMaxDepth) {
      ref = node.children[ChildOf(hash, depth)];
      continue;
    }
    const auto found = std::ranges::find(node.entries, name, &Entry::name);
    if (found == node.entries.end()) break;
    return std::optional<Entry>(std::move(*found));
  }
  return std::optional<Entry>();
}

Result<void> EachEntry(const VaultFile& file, const EntryVisit& visit) {
  const RecordRef& root = file.superblock().root;
  uint64_t room = file.superblock().end - kBodyAt;
  return root ? EachBelow(file, root, 0, room, visit) : Result<void>{};
}

}  // namespace runward
