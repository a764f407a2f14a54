#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_reference.h"
#include "vault/bytes.h"
#include "vault/master_key.h"

namespace runward {

// A record is what the file's body is made of: a random nonce (24 bytes), the text under
// XChaCha20-Poly1305-IETF, the tag (16 bytes). docs/formats.md has every byte.
inline constexpr size_t kRecordOverhead = 24 + 16;
inline constexpr size_t kMaxValueBytes = size_t{1} << 20;
inline constexpr size_t kMaxRecordBytes = (size_t{4} << 20) + kRecordOverhead;

using VaultId = std::array<uint8_t, 16>;

// Where a record lies and, by its tag, which one it is: who cannot make tags cannot put another in
// its place, not even an older one of the same place.
struct RecordRef {
  static constexpr size_t kBytes = 8 + 4 + 16;
  uint64_t offset = 0;
  uint32_t size = 0;  // in the file, nonce and tag included; 0: there is no record
  std::array<uint8_t, 16> tag{};

  explicit operator bool() const { return size != 0; }
  void Write(ByteWriter& to) const;
  static RecordRef Read(ByteReader& from);
  bool operator==(const RecordRef&) const = default;
};

// What a value's encryption binds it to.
struct ValueBinding {
  EntryName name;
  uint32_t version = 0;
  uint64_t created = 0;  // nanoseconds since 1970
};

std::string SealNode(const MasterKey& key, const VaultId& vault, std::string_view plain);
std::string SealCommit(const MasterKey& key, const VaultId& vault, std::string_view plain);
std::string SealValue(const MasterKey& key, const VaultId& vault, const ValueBinding& binding,
                      std::string_view value);
// The same with a given nonce, for the test vectors alone.
std::string SealValueWith(const MasterKey& key, const VaultId& vault, const ValueBinding& binding,
                          std::string_view value, std::string_view nonce);

// Fail when the bytes are not those that were sealed so.
Result<std::string> OpenNode(const MasterKey& key, const VaultId& vault, std::string_view record);
Result<std::string> OpenCommit(const MasterKey& key, const VaultId& vault, std::string_view record);
// Into the caller's locked memory, of exactly as many bytes.
Result<void> OpenValueInto(const MasterKey& key, const VaultId& vault, const ValueBinding& binding,
                           std::string_view record, std::span<uint8_t> into);

// The reference to a record just sealed, written at `offset`.
RecordRef RefTo(std::string_view record, uint64_t offset);
// Whether the bytes end in the tag that the reference names.
bool Matches(const RecordRef& ref, std::string_view record);

}  // namespace runward
