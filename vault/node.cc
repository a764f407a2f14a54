#include "vault/node.h"

#include <sodium.h>

#include <algorithm>

namespace runward {
namespace {

constexpr uint8_t kLeaf = 1;
constexpr uint8_t kBranch = 2;
// A leaf at the greatest depth cannot be split; names that collide in 128 bits do not occur.
constexpr uint32_t kMostEntries = 4096;

Error Malformed() {
  return Error{"a node of the vault's index is malformed", "restore the vault from a backup"};
}

}  // namespace

NameHash HashName(const MasterKey& key, const EntryName& name) {
  const std::string text = ByteWriter().Text(name.path).Text(name.key).Take();
  NameHash hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const uint8_t*>(text.data()),
                     text.size(), key.Derived(MasterKey::Use::kName), MasterKey::kBytes);
  return hash;
}

size_t ChildOf(const NameHash& hash, size_t depth) {
  const uint8_t byte = hash[depth / 2];
  return depth % 2 == 0 ? byte >> 4 : byte & 0xF;
}

std::string Node::Format() const {
  ByteWriter to;
  if (!leaf) {
    to.U8(kBranch);
    for (const RecordRef& child : children) child.Write(to);
    return to.Take();
  }
  to.U8(kLeaf).U32(static_cast<uint32_t>(entries.size()));
  for (const Entry& entry : entries) entry.Write(to);
  return to.Take();
}

Result<Node> Node::Parse(std::string_view plain) {
  ByteReader from(plain);
  const uint8_t kind = from.U8();
  Node node{.leaf = kind == kLeaf};
  if (kind == kBranch) {
    for (RecordRef& child : node.children) child = RecordRef::Read(from);
  } else if (kind == kLeaf) {
    const uint32_t count = from.U32();
    if (!from.ok() || count > kMostEntries) return Malformed();
    for (uint32_t i = 0; i < count; ++i) node.entries.push_back(TRY(Entry::Read(from)));
  } else {
    return Malformed();
  }
  if (!from.AtEnd()) return Malformed();
  return node;
}

}  // namespace runward
