#include "vault/tree_update.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace runward {

Result<RecordRef> TreeUpdate::Apply(const RecordRef& root, std::vector<EntryChange> changes) {
  if (changes.empty()) return root;
  std::ranges::sort(changes, {}, &EntryChange::hash);
  return Update(root, 0, changes);
}

Result<RecordRef> TreeUpdate::Update(const RecordRef& ref, size_t depth, Changes changes) {
  if (!ref) return UpdateLeaf(Node{}, depth, changes);
  Node node = TRY(old_->ReadNode(ref));
  if (!node.leaf && depth >= kMaxDepth) return old_->Damaged("its index is too deep");
  live_ -= ref.size;
  return node.leaf ? UpdateLeaf(std::move(node), depth, changes)
                   : UpdateBranch(std::move(node), depth, changes);
}

Result<RecordRef> TreeUpdate::UpdateLeaf(Node node, size_t depth, Changes changes) {
  // Looked for among the few that there were: a hundred thousand may come at once.
  std::vector<Entry> added;
  for (const EntryChange& change : changes) {
    const auto found = std::ranges::find(node.entries, change.name, &Entry::name);
    const bool there = found != node.entries.end();
    if (there && change.entry) {
      *found = *change.entry;
    } else if (there) {
      node.entries.erase(found);
      --entries_;
    } else if (change.entry) {
      added.push_back(*change.entry);
      ++entries_;
    }
  }
  std::ranges::move(added, std::back_inserter(node.entries));
  return Build(std::move(node.entries), depth);
}

Result<RecordRef> TreeUpdate::UpdateBranch(Node node, size_t depth, Changes changes) {
  for (size_t at = 0; at < changes.size();) {
    const size_t child = ChildOf(changes[at].hash, depth);
    size_t end = at + 1;
    while (end < changes.size() && ChildOf(changes[end].hash, depth) == child) ++end;
    node.children[child] =
        TRY(Update(node.children[child], depth + 1, changes.subspan(at, end - at)));
    at = end;
  }
  const bool empty =
      std::ranges::none_of(node.children, [](const RecordRef& one) { return !!one; });
  return empty ? RecordRef{} : Write(node);
}

Result<RecordRef> TreeUpdate::Build(std::vector<Entry> entries, size_t depth) {
  if (entries.empty()) return RecordRef{};
  if (entries.size() <= kLeafEntries || depth >= kMaxDepth) {
    return Write(Node{.leaf = true, .entries = std::move(entries)});
  }
  std::array<std::vector<Entry>, kFanOut> parts;
  for (Entry& entry : entries) {
    const size_t child = ChildOf(HashName(key_, entry.name), depth);
    parts[child].push_back(std::move(entry));
  }
  Node node{.leaf = false};
  for (size_t child = 0; child < kFanOut; ++child) {
    node.children[child] = TRY(Build(std::move(parts[child]), depth + 1));
  }
  return Write(node);
}

Result<RecordRef> TreeUpdate::Write(const Node& node) {
  const RecordRef ref = TRY(to_.Append(SealNode(key_, vault_, node.Format())));
  live_ += ref.size;
  return ref;
}

}  // namespace runward
