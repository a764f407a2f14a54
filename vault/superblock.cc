#include "vault/superblock.h"

#include <sodium.h>

#include <algorithm>

namespace runward {
namespace {

constexpr std::string_view kMagic{"RWVSUPER", 8};
constexpr size_t kMacAt = Superblock::kBytes - sizeof(Mac);

std::string_view View(const Mac& mac) {
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

Mac MacFor(std::string_view content, const MasterKey& key, const VaultId& vault) {
  const std::string_view id(reinterpret_cast<const char*>(vault.data()), vault.size());
  return MacOf(key, MasterKey::Use::kSuperblock, ByteWriter().Raw(id).Raw(content).bytes());
}

}  // namespace

std::string Superblock::Format(const MasterKey& key, const VaultId& vault) const {
  ByteWriter to;
  to.Raw(kMagic).U64(generation).U64(end).U64(time);
  commit.Write(to);
  root.Write(to);
  to.U64(entries).U64(live).U8(purge ? 1 : 0).Raw(View(header)).Zeros(kMacAt);
  const Mac mac = MacFor(to.bytes(), key, vault);
  return to.Raw(View(mac)).Take();
}

Result<Superblock> Superblock::Parse(std::string_view bytes, const MasterKey& key,
                                     const VaultId& vault) {
  const Error damaged{"a superblock of the vault is damaged", "restore the vault from a backup"};
  if (bytes.size() != kBytes || !bytes.starts_with(kMagic)) return damaged;
  const Mac mac = MacFor(bytes.substr(0, kMacAt), key, vault);
  if (sodium_memcmp(mac.data(), bytes.data() + kMacAt, mac.size()) != 0) return damaged;
  ByteReader from(bytes.substr(kMagic.size()));
  Superblock block;
  block.generation = from.U64();
  block.end = from.U64();
  block.time = from.U64();
  block.commit = RecordRef::Read(from);
  block.root = RecordRef::Read(from);
  block.entries = from.U64();
  block.live = from.U64();
  const uint8_t purge = from.U8();
  block.purge = purge == 1;
  const std::string_view header = from.Raw(block.header.size());
  std::copy(header.begin(), header.end(), block.header.begin());
  if (purge > 1 || !from.Zeros(kMacAt - (bytes.size() - from.left()))) return damaged;
  return block;
}

Result<Superblock> NewestSuperblock(std::string_view front, const MasterKey& key,
                                    const VaultHeader& header) {
  if (front.size() < kBodyAt) {
    return Error{"the vault is cut short", "restore it from a backup"};
  }
  const auto at = [&](size_t number) {
    return front.substr(Superblock::kFirstAt + number * Superblock::kBytes, Superblock::kBytes);
  };
  const Superblock even = TRY(Superblock::Parse(at(0), key, header.vault));
  const Superblock odd = TRY(Superblock::Parse(at(1), key, header.vault));
  const Superblock& newest = even.generation > odd.generation ? even : odd;
  const Superblock& other = even.generation > odd.generation ? odd : even;
  const bool in_turn = other.generation == 0 || other.generation + 1 == newest.generation;
  if (!in_turn || newest.header != header.mac || newest.end < kBodyAt) {
    return Error{"parts of the vault come from different states of it",
                 "restore it from a backup; somebody may have changed it"};
  }
  return newest;
}

}  // namespace runward
