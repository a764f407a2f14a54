#include "vault/node_shelf.h"

#include <algorithm>
#include <utility>

namespace runward {

std::optional<std::string_view> NodeShelf::Find(const RecordRef& ref) const {
  const auto found = nodes_.find(ref.offset);
  if (found == nodes_.end() || found->second.ref != ref) return std::nullopt;
  return bytes_.view().substr(found->second.at, found->second.size);
}

void NodeShelf::Put(const RecordRef& ref, std::string_view plain) {
  if (plain.size() > room_) return;
  if (plain.size() > room_ - used_) Forget();
  if (bytes_.empty()) {
    Result<LockedBytes> taken = LockedBytes::Make(room_);
    if (!taken.ok() || !taken.value().KeepFromChildren().ok()) return;
    bytes_ = std::move(taken).value();
  }
  std::ranges::copy(plain, bytes_.data() + used_);
  nodes_.insert_or_assign(ref.offset, Kept{.ref = ref, .at = used_, .size = plain.size()});
  used_ += plain.size();
}

void NodeShelf::Forget() {
  nodes_.clear();
  used_ = 0;
  bytes_ = LockedBytes();
}

}  // namespace runward
