#include "vault/record.h"

#include <sodium.h>

#include <algorithm>

namespace runward {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kRecordOverhead == kNonceBytes + kTagBytes);

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string_view View(const VaultId& vault) {
  return {reinterpret_cast<const char*>(vault.data()), vault.size()};
}

std::string Context(std::string_view kind, const VaultId& vault) {
  return ByteWriter().Text(kind).Raw(View(vault)).Take();
}

std::string ValueContext(const VaultId& vault, const ValueBinding& binding) {
  return ByteWriter()
      .Text("runward-vault/1 value")
      .Raw(View(vault))
      .Text(binding.name.path)
      .Text(binding.name.key)
      .U32(binding.version)
      .U64(binding.created)
      .Take();
}

std::string Seal(const uint8_t* key, std::string_view context, std::string_view plain,
                 std::string_view nonce) {
  std::string record(kRecordOverhead + plain.size(), '\0');
  auto* out = reinterpret_cast<uint8_t*>(record.data());
  std::copy(nonce.begin(), nonce.end(), record.begin());
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonceBytes, nullptr, Bytes(plain), plain.size(),
                                             Bytes(context), context.size(), nullptr, out, key);
  return record;
}

std::string SealRandomly(const uint8_t* key, std::string_view context, std::string_view plain) {
  std::array<char, kNonceBytes> nonce{};
  randombytes_buf(nonce.data(), nonce.size());
  return Seal(key, context, plain, {nonce.data(), nonce.size()});
}

// Into `plain`, which has room for record.size() - kRecordOverhead bytes.
Result<void> Unseal(const uint8_t* key, std::string_view context, std::string_view record,
                    uint8_t* plain) {
  const uint8_t* bytes = Bytes(record);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, nullptr, nullptr, bytes + kNonceBytes,
                                                 record.size() - kNonceBytes, Bytes(context),
                                                 context.size(), bytes, key) != 0) {
    return Error{"a record of the vault is not what was sealed", ""};
  }
  return {};
}

Error TooShort() { return Error{"a record of the vault is too short", ""}; }

Result<std::string> UnsealText(const uint8_t* key, std::string_view context,
                               std::string_view record) {
  if (record.size() < kRecordOverhead) return TooShort();
  std::string plain(record.size() - kRecordOverhead, '\0');
  TRY(Unseal(key, context, record, reinterpret_cast<uint8_t*>(plain.data())));
  return plain;
}

}  // namespace

void RecordRef::Write(ByteWriter& to) const {
  to.U64(offset).U32(size).Raw({reinterpret_cast<const char*>(tag.data()), tag.size()});
}

RecordRef RecordRef::Read(ByteReader& from) {
  RecordRef ref;
  ref.offset = from.U64();
  ref.size = from.U32();
  const std::string_view tag = from.Raw(ref.tag.size());
  std::copy(tag.begin(), tag.end(), ref.tag.begin());
  return ref;
}

std::string SealNode(const MasterKey& key, const VaultId& vault, std::string_view plain) {
  return SealRandomly(key.Derived(MasterKey::Use::kNode), Context("runward-vault/1 node", vault),
                      plain);
}

std::string SealCommit(const MasterKey& key, const VaultId& vault, std::string_view plain) {
  return SealRandomly(key.Derived(MasterKey::Use::kNode), Context("runward-vault/1 commit", vault),
                      plain);
}

std::string SealValue(const MasterKey& key, const VaultId& vault, const ValueBinding& binding,
                      std::string_view value) {
  return SealRandomly(key.Derived(MasterKey::Use::kValue), ValueContext(vault, binding), value);
}

std::string SealValueWith(const MasterKey& key, const VaultId& vault, const ValueBinding& binding,
                          std::string_view value, std::string_view nonce) {
  return Seal(key.Derived(MasterKey::Use::kValue), ValueContext(vault, binding), value, nonce);
}

Result<std::string> OpenNode(const MasterKey& key, const VaultId& vault, std::string_view record) {
  return UnsealText(key.Derived(MasterKey::Use::kNode), Context("runward-vault/1 node", vault),
                    record);
}

Result<std::string> OpenCommit(const MasterKey& key, const VaultId& vault,
                               std::string_view record) {
  return UnsealText(key.Derived(MasterKey::Use::kNode), Context("runward-vault/1 commit", vault),
                    record);
}

Result<void> OpenValueInto(const MasterKey& key, const VaultId& vault, const ValueBinding& binding,
                           std::string_view record, std::span<uint8_t> into) {
  if (record.size() != into.size() + kRecordOverhead) return TooShort();
  return Unseal(key.Derived(MasterKey::Use::kValue), ValueContext(vault, binding), record,
                into.data());
}

RecordRef RefTo(std::string_view record, uint64_t offset) {
  RecordRef ref{.offset = offset, .size = static_cast<uint32_t>(record.size())};
  const std::string_view tag = record.substr(record.size() - ref.tag.size());
  std::copy(tag.begin(), tag.end(), ref.tag.begin());
  return ref;
}

bool Matches(const RecordRef& ref, std::string_view record) {
  return record.size() == ref.size && record.size() >= kRecordOverhead &&
         sodium_memcmp(ref.tag.data(), record.data() + record.size() - ref.tag.size(),
                       ref.tag.size()) == 0;
}

}  // namespace runward
