#include "vault/header.h"

#include <sodium.h>

#include <algorithm>

namespace runward {
namespace {

constexpr std::string_view kMagic{"RWVAULT\n", 8};
constexpr size_t kPreambleBytes = 64;
constexpr size_t kMacAt = VaultHeader::kBytes - sizeof(Mac);

std::string_view View(const VaultId& vault) {
  return {reinterpret_cast<const char*>(vault.data()), vault.size()};
}

}  // namespace

std::string VaultHeader::Preamble() const {
  ByteWriter to;
  to.Raw(kMagic).U32(kFormat).U32(kBytes).Raw(View(vault)).U64(created).Zeros(kPreambleBytes);
  return to.Take();
}

std::string VaultHeader::Format(const MasterKey& key) {
  ByteWriter to;
  to.Raw(Preamble());
  for (const KeySlot& slot : slots) slot.Write(to);
  to.Zeros(kMacAt);
  mac = MacOf(key, MasterKey::Use::kHeader, to.bytes());
  to.Raw({reinterpret_cast<const char*>(mac.data()), mac.size()});
  return to.Take();
}

Result<VaultHeader> VaultHeader::Parse(std::string_view bytes, const std::string& path) {
  const std::string what = "\"" + path + "\" ";
  if (!bytes.starts_with(kMagic)) {
    return Error{what + "is not a vault",
                 "name the vault with --vault FILE, or make one: runwardctl vault init"};
  }
  ByteReader from(bytes.substr(kMagic.size()));
  const uint32_t format = from.U32();
  if (from.ok() && format != kFormat) {
    return Error{what + "is a vault of format " + std::to_string(format) +
                     ", of which this program knows only " + std::to_string(kFormat),
                 "install the runward that wrote it"};
  }
  if (bytes.size() < kBytes || from.U32() != kBytes) {
    return Error{what + "is cut short or damaged in its first page", "restore it from a backup"};
  }
  VaultHeader header;
  const std::string_view id = from.Raw(header.vault.size());
  std::copy(id.begin(), id.end(), header.vault.begin());
  header.created = from.U64();
  ByteReader slots(bytes.substr(kPreambleBytes));
  for (KeySlot& slot : header.slots) slot = TRY(KeySlot::Read(slots));
  const std::string_view mac = bytes.substr(kMacAt, sizeof(Mac));
  std::copy(mac.begin(), mac.end(), header.mac.begin());
  return header;
}

bool Prove(std::string_view page, const MasterKey& key) {
  if (page.size() < VaultHeader::kBytes) return false;
  const Mac mac = MacOf(key, MasterKey::Use::kHeader, page.substr(0, kMacAt));
  return sodium_memcmp(mac.data(), page.data() + kMacAt, mac.size()) == 0;
}

}  // namespace runward
