#include "vault/master_key.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace runward {
namespace {

constexpr size_t kUses = 5;
constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "rwvault1";
static_assert(MasterKey::kBytes == crypto_kdf_KEYBYTES);
static_assert(MasterKey::kBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

}  // namespace

Result<MasterKey> MasterKey::WithDerived(LockedBytes keys) {
  MasterKey key;
  key.keys_ = std::move(keys);
  for (uint8_t use = 1; use <= kUses; ++use) {
    crypto_kdf_derive_from_key(key.keys_.data() + use * kBytes, kBytes, use, kContext,
                               key.keys_.data());
  }
  return key;
}

Result<MasterKey> MasterKey::Generate() {
  LockedBytes keys = TRY(LockedBytes::Make(kBytes * (1 + kUses)));
  randombytes_buf(keys.data(), kBytes);
  return WithDerived(std::move(keys));
}

Result<MasterKey> MasterKey::FromBytes(const LockedBytes& bytes) {
  if (bytes.size() != kBytes) return Error{"a master key has 32 bytes", ""};
  LockedBytes keys = TRY(LockedBytes::Make(kBytes * (1 + kUses)));
  std::copy_n(bytes.data(), kBytes, keys.data());
  return WithDerived(std::move(keys));
}

const uint8_t* MasterKey::Derived(Use use) const {
  return keys_.data() + static_cast<size_t>(use) * kBytes;
}

Mac MacOf(const MasterKey& key, MasterKey::Use use, std::string_view bytes) {
  Mac mac{};
  crypto_generichash(mac.data(), mac.size(), reinterpret_cast<const uint8_t*>(bytes.data()),
                     bytes.size(), key.Derived(use), MasterKey::kBytes);
  return mac;
}

}  // namespace runward
