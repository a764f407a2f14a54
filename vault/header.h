#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/key_slot.h"
#include "vault/master_key.h"
#include "vault/record.h"

namespace runward {

// The file's first page: what it is, and its key slots. It is read before any key is known and
// proven by Prove once there is one.
struct VaultHeader {
  static constexpr size_t kBytes = 4096;
  static constexpr size_t kSlots = 8;
  static constexpr uint32_t kFormat = 1;

  VaultId vault{};
  uint64_t created = 0;
  std::array<KeySlot, kSlots> slots;
  Mac mac{};  // as read, or as Format made it

  // Fails, with what to do, for what is no vault, too short, or of a newer format. `path` is for
  // messages.
  static Result<VaultHeader> Parse(std::string_view bytes, const std::string& path);
  // The page, with its MAC, which is also put into `mac`.
  std::string Format(const MasterKey& key);
  // What a slot's wrapping binds.
  [[nodiscard]] std::string Preamble() const;
};

// Whether the header is the one that a holder of the key wrote, byte for byte.
bool Prove(std::string_view page, const MasterKey& key);

}  // namespace runward
