#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "vault/locked_bytes.h"

namespace runward {

// The vault's random master key and the keys derived from it, one for each use (BLAKE2b,
// libsodium's crypto_kdf with context "rwvault1"). Locked memory only; whoever holds one can read
// the vault.
class MasterKey {
 public:
  static constexpr size_t kBytes = 32;
  // The numbers are crypto_kdf's subkey ids and so part of the format.
  enum class Use : uint8_t { kHeader = 1, kSuperblock = 2, kNode = 3, kValue = 4, kName = 5 };

  static Result<MasterKey> Generate();
  static Result<MasterKey> FromBytes(const LockedBytes& bytes);  // exactly kBytes

  // kBytes bytes, as long as this lives.
  [[nodiscard]] const uint8_t* Derived(Use use) const;
  // The master key itself, to be wrapped in a slot or handed to the agent: kBytes bytes, as long as
  // this lives.
  [[nodiscard]] std::string_view bytes() const { return keys_.view().substr(0, kBytes); }

  // As LockedBytes has it: for who makes processes that need no key.
  Result<void> KeepFromChildren() { return keys_.KeepFromChildren(); }

 private:
  MasterKey() = default;
  static Result<MasterKey> WithDerived(LockedBytes keys);
  LockedBytes keys_;  // itself, then one of each use
};

// BLAKE2b-256 under one of the derived keys.
using Mac = std::array<uint8_t, 32>;
Mac MacOf(const MasterKey& key, MasterKey::Use use, std::string_view bytes);

}  // namespace runward
