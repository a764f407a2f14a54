#include "vault/slots.h"

#include <gmock/gmock.h>

#include "vault/unlock.h"
#include "vault/verify.h"
#include "vault_fixture.h"

namespace runward {
namespace {

using testing::HasSubstr;

class SlotsTest : public VaultFixture {};

TEST_F(SlotsTest, AddedAndRemovedWithoutEncryptingAnew) {
  ASSERT_TRUE(Put("a#k", "value").ok());
  const std::string body = ReadAll(path_).substr(kBodyAt);
  const auto added = AddSlot(path_, *key_, KeySlotSecret("new", SlotKind::kPassphrase), now_);
  ASSERT_TRUE(added.ok());
  EXPECT_EQ(added.value(), 2U);
  EXPECT_TRUE(ReadAll(path_).substr(kBodyAt).starts_with(body));
  EXPECT_TRUE(UnlockWithPassphrase(path_, "new").ok());
  ASSERT_TRUE(RemoveSlot(path_, *key_, 1, now_).ok());
  EXPECT_FALSE(UnlockWithPassphrase(path_, "test").ok());
  EXPECT_TRUE(UnlockWithPassphrase(path_, "new").ok());
  EXPECT_EQ(Get("a#k"), "value");
  EXPECT_TRUE(VerifyVault(path_, *key_).ok());
}

TEST_F(SlotsTest, ARemovedSlotCannotBePastedBack) {
  const std::string before = ReadAll(path_).substr(0, VaultHeader::kBytes);
  ASSERT_TRUE(RemoveSlot(path_, *key_, 1, now_).ok());
  WriteAll(path_, before + ReadAll(path_).substr(VaultHeader::kBytes));
  EXPECT_THAT(Vault::Open(path_, *key_).error().message, HasSubstr("different states"));
}

TEST_F(SlotsTest, TheLastOneStays) {
  ASSERT_TRUE(RemoveSlot(path_, *key_, 0, now_).ok());
  EXPECT_THAT(RemoveSlot(path_, *key_, 1, now_).error().message, HasSubstr("the last key slot"));
  EXPECT_THAT(RemoveSlot(path_, *key_, 0, now_).error().message, HasSubstr("no key slot 0"));
  EXPECT_THAT(RemoveSlot(path_, *key_, 99, now_).error().message, HasSubstr("no key slot 99"));
}

TEST_F(SlotsTest, ThereAreEight) {
  for (int i = 2; i < 8; ++i)
    ASSERT_TRUE(AddSlot(path_, *key_, KeySlotSecret(kSlotBytes), now_).ok());
  EXPECT_THAT(AddSlot(path_, *key_, KeySlotSecret(kSlotBytes), now_).error().message,
              HasSubstr("all 8 key slots"));
}

}  // namespace
}  // namespace runward
