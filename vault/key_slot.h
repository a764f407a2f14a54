#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/bytes.h"
#include "vault/locked_bytes.h"
#include "vault/master_key.h"

namespace runward {

// One way to the master key: it is wrapped under a key that comes from a passphrase (Argon2id, its
// parameters beside it), a key file, or a systemd credential. As LUKS does it: slots come and go
// and nothing else has to be encrypted anew.
enum class SlotKind : uint8_t { kEmpty = 0, kPassphrase = 1, kKeyFile = 2, kCredential = 3 };

struct KeySlot {
  static constexpr size_t kBytes = 256;
  static constexpr size_t kMaxLabel = 64;

  SlotKind kind = SlotKind::kEmpty;
  std::string label;        // for people; of a credential its name
  uint64_t operations = 0;  // Argon2id's, of a passphrase
  uint64_t memory = 0;      // bytes; Argon2id's
  std::array<uint8_t, 16> salt{};
  std::array<uint8_t, 24> nonce{};
  std::array<uint8_t, 48> wrapped{};  // the master key and the tag

  void Write(ByteWriter& to) const;
  static Result<KeySlot> Read(ByteReader& from);
};

// How hard a passphrase is to try: libsodium's "moderate", 256 MiB and 3 passes (0.6 s on a machine
// of 2023).
struct Argon2Cost {
  uint64_t operations = 3;
  uint64_t memory = uint64_t{256} << 20;
};

// What a slot is made of and opened by: a passphrase, or the 32 bytes of a key file or credential.
struct SlotSecret {
  SlotKind kind = SlotKind::kPassphrase;
  std::string label;
  Argon2Cost cost;
  LockedBytes secret;
};

// `preamble` is the header's beginning, which the wrapping binds (format, vault).
Result<KeySlot> WrapKey(const MasterKey& key, const SlotSecret& secret, std::string_view preamble);
// Fails for another passphrase or key, and for a changed slot.
Result<MasterKey> UnwrapKey(const KeySlot& slot, std::string_view secret,
                            std::string_view preamble);

// "passphrase", "key file", "credential"
std::string_view SlotKindName(SlotKind kind);

}  // namespace runward
