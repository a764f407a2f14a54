#include "vault/key_slot.h"

#include <gtest/gtest.h>

#include "vault_fixture.h"

namespace runward {
namespace {

constexpr std::string_view kPreamble = "a header's beginning";

TEST(KeySlot, OpensByItsSecretAlone) {
  const MasterKey key = MasterKey::Generate().value();
  for (const SlotKind kind : {SlotKind::kPassphrase, SlotKind::kKeyFile, SlotKind::kCredential}) {
    const std::string secret(32, 's');
    const KeySlot slot = WrapKey(key, KeySlotSecret(secret, kind, "label"), kPreamble).value();
    const Result<MasterKey> opened = UnwrapKey(slot, secret, kPreamble);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened.value().bytes(), key.bytes());
    EXPECT_FALSE(UnwrapKey(slot, std::string(32, 't'), kPreamble).ok());
    EXPECT_FALSE(UnwrapKey(slot, secret, "another header's").ok());
  }
}

TEST(KeySlot, IsReadAsItWasWritten) {
  const MasterKey key = MasterKey::Generate().value();
  const KeySlot slot =
      WrapKey(key, KeySlotSecret("words", SlotKind::kPassphrase, "emergency"), kPreamble).value();
  ByteWriter to;
  slot.Write(to);
  ASSERT_EQ(to.bytes().size(), KeySlot::kBytes);
  ByteReader from(to.bytes());
  const KeySlot again = KeySlot::Read(from).value();
  EXPECT_EQ(again.label, "emergency");
  EXPECT_EQ(again.operations, 1U);
  EXPECT_EQ(again.memory, 8192U);
  EXPECT_TRUE(UnwrapKey(again, "words", kPreamble).ok());
}

TEST(KeySlot, ItsParametersAreBoundToo) {
  const MasterKey key = MasterKey::Generate().value();
  KeySlot slot =
      WrapKey(key, KeySlotSecret("words", SlotKind::kPassphrase, "a"), kPreamble).value();
  slot.label = "b";
  EXPECT_FALSE(UnwrapKey(slot, "words", kPreamble).ok());
  slot.label = "a";
  slot.operations = 2;
  EXPECT_FALSE(UnwrapKey(slot, "words", kPreamble).ok());
}

TEST(KeySlot, RefusesWhatItCannotHold) {
  const MasterKey key = MasterKey::Generate().value();
  EXPECT_FALSE(
      WrapKey(key, KeySlotSecret("x", SlotKind::kPassphrase, std::string(65, 'l')), kPreamble)
          .ok());
  SlotSecret costly = KeySlotSecret("x", SlotKind::kPassphrase);
  costly.cost.memory = uint64_t{5} << 30;
  EXPECT_FALSE(WrapKey(key, costly, kPreamble).ok());
  const std::string unknown(KeySlot::kBytes, '\x07');
  ByteReader from(unknown);
  EXPECT_FALSE(KeySlot::Read(from).ok());
}

}  // namespace
}  // namespace runward
