#include "vault/key_slot.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace runward {
namespace {

// What somebody who writes the file may make us spend: 4 GiB and 64 passes.
constexpr uint64_t kMostMemory = uint64_t{4} << 30;
constexpr uint64_t kMostOperations = 64;

template <size_t N>
void Take(ByteReader& from, std::array<uint8_t, N>& to) {
  const std::string_view bytes = from.Raw(N);
  std::copy(bytes.begin(), bytes.end(), to.begin());
}

template <size_t N>
std::string_view View(const std::array<uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

// The slot's bytes up to the nonce: what the wrapping binds beside the preamble.
std::string Fields(const KeySlot& slot) {
  ByteWriter to;
  to.U8(static_cast<uint8_t>(slot.kind)).U8(static_cast<uint8_t>(slot.label.size()));
  to.Raw(slot.label).Zeros(2 + KeySlot::kMaxLabel);
  to.U64(slot.operations).U64(slot.memory).Raw(View(slot.salt));
  return to.Take();
}

std::string Context(const KeySlot& slot, std::string_view preamble) {
  return ByteWriter().Text("runward-vault/1 slot").Raw(preamble).Raw(Fields(slot)).Take();
}

// A key file's 32 bytes are a key already; keyed hashing parts its use here from any other.
Result<LockedBytes> WrappingKey(const KeySlot& slot, std::string_view secret) {
  LockedBytes key = TRY(LockedBytes::Make(crypto_aead_xchacha20poly1305_ietf_KEYBYTES));
  const auto* bytes = reinterpret_cast<const uint8_t*>(secret.data());
  if (slot.kind != SlotKind::kPassphrase) {
    crypto_generichash(key.data(), key.size(), slot.salt.data(), slot.salt.size(), bytes,
                       std::min<size_t>(secret.size(), crypto_generichash_KEYBYTES_MAX));
    return key;
  }
  if (crypto_pwhash(key.data(), key.size(), secret.data(), secret.size(), slot.salt.data(),
                    slot.operations, slot.memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{"Argon2id needs " + std::to_string(slot.memory >> 20) +
                     " MiB of memory, which are not to be had",
                 "unlock by a key file, or free memory"};
  }
  return key;
}

bool CostAllowed(const KeySlot& slot) {
  if (slot.kind != SlotKind::kPassphrase) return slot.operations == 0 && slot.memory == 0;
  return slot.operations >= crypto_pwhash_OPSLIMIT_MIN && slot.operations <= kMostOperations &&
         slot.memory >= crypto_pwhash_MEMLIMIT_MIN && slot.memory <= kMostMemory;
}

}  // namespace

void KeySlot::Write(ByteWriter& to) const {
  const size_t begin = to.bytes().size();
  if (kind != SlotKind::kEmpty) to.Raw(Fields(*this)).Raw(View(nonce)).Raw(View(wrapped));
  to.Zeros(begin + kBytes);
}

Result<KeySlot> KeySlot::Read(ByteReader& from) {
  const std::string_view bytes = from.Raw(kBytes);
  ByteReader fields(bytes);
  KeySlot slot;
  const uint8_t kind = fields.U8();
  const uint8_t label = fields.U8();
  const std::string_view text = fields.Raw(kMaxLabel);
  slot.kind = static_cast<SlotKind>(kind);
  slot.label = text.substr(0, label);
  slot.operations = fields.U64();
  slot.memory = fields.U64();
  Take(fields, slot.salt);
  Take(fields, slot.nonce);
  Take(fields, slot.wrapped);
  ByteWriter same;
  if (fields.ok()) slot.Write(same);
  if (!fields.ok() || same.bytes() != bytes || kind > 3 || label > kMaxLabel ||
      !CostAllowed(slot)) {
    return Error{"a key slot of the vault is damaged", "restore the vault from a backup"};
  }
  return slot;
}

Result<KeySlot> WrapKey(const MasterKey& key, const SlotSecret& secret, std::string_view preamble) {
  if (secret.label.size() > KeySlot::kMaxLabel) {
    return Error{"a slot's label has at most 64 bytes", ""};
  }
  KeySlot slot{.kind = secret.kind, .label = secret.label};
  if (secret.kind == SlotKind::kPassphrase) {
    slot.operations = secret.cost.operations;
    slot.memory = secret.cost.memory;
  }
  if (!CostAllowed(slot)) return Error{"Argon2id's cost is out of bounds", ""};
  randombytes_buf(slot.salt.data(), slot.salt.size());
  randombytes_buf(slot.nonce.data(), slot.nonce.size());
  const LockedBytes wrapping = TRY(WrappingKey(slot, secret.secret.view()));
  const std::string context = Context(slot, preamble);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      slot.wrapped.data(), nullptr, reinterpret_cast<const uint8_t*>(key.bytes().data()),
      key.bytes().size(), reinterpret_cast<const uint8_t*>(context.data()), context.size(), nullptr,
      slot.nonce.data(), wrapping.data());
  return slot;
}

Result<MasterKey> UnwrapKey(const KeySlot& slot, std::string_view secret,
                            std::string_view preamble) {
  const LockedBytes wrapping = TRY(WrappingKey(slot, secret));
  const std::string context = Context(slot, preamble);
  LockedBytes raw = TRY(LockedBytes::Make(MasterKey::kBytes));
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw.data(), nullptr, nullptr, slot.wrapped.data(), slot.wrapped.size(),
          reinterpret_cast<const uint8_t*>(context.data()), context.size(), slot.nonce.data(),
          wrapping.data()) != 0) {
    return Error{"this does not open the key slot", ""};
  }
  return MasterKey::FromBytes(raw);
}

std::string_view SlotKindName(SlotKind kind) {
  switch (kind) {
    case SlotKind::kPassphrase:
      return "passphrase";
    case SlotKind::kKeyFile:
      return "key file";
    case SlotKind::kCredential:
      return "credential";
    default:
      return "empty";
  }
}

}  // namespace runward
