#include "vault/unlock.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "vault/key_file.h"
#include "vault/slots.h"
#include "vault_fixture.h"

namespace runward {
namespace {

using testing::HasSubstr;

class UnlockTest : public VaultFixture {
 protected:
  std::string KeyFile(const std::string& name, const std::string& bytes = kSlotBytes) {
    const std::string path = directory_ + "/" + name;
    WriteAll(path, std::string(FormatKeyFile(LockedBytes::Copy(bytes).value()).value().view()));
    chmod(path.c_str(), 0400);
    return path;
  }
  static std::string Outcome(const Result<MasterKey>& key) {
    return key.ok() ? "opened" : key.error().message + " | " + key.error().hint;
  }
  bool Opens(const Result<MasterKey>& key) {
    return key.ok() && Vault::Open(path_, key.value()).ok();
  }
};

TEST_F(UnlockTest, ByPassphrase) {
  EXPECT_TRUE(Opens(UnlockWithPassphrase(path_, "test")));
  EXPECT_THAT(Outcome(UnlockWithPassphrase(path_, "Test")), HasSubstr("does not open the vault"));
  EXPECT_THAT(Outcome(UnlockWithPassphrase(path_, "")), HasSubstr("unlocked by: key file, pass"));
}

TEST_F(UnlockTest, ByKeyFile) {
  EXPECT_TRUE(Opens(UnlockWithKeyFile(path_, KeyFile("right"))));
  const std::string wrong = KeyFile("wrong", std::string(32, 'w'));
  EXPECT_THAT(Outcome(UnlockWithKeyFile(path_, wrong)), HasSubstr("wrong\" does not open"));
  EXPECT_THAT(Outcome(UnlockWithKeyFile(path_, directory_ + "/none")), HasSubstr("No such file"));
  const std::string open = KeyFile("open");
  chmod(open.c_str(), 0444);
  EXPECT_THAT(Outcome(UnlockWithKeyFile(path_, open)), HasSubstr("others may read this key"));
  WriteAll(directory_ + "/text", "hunter2\n");
  chmod((directory_ + "/text").c_str(), 0400);
  EXPECT_THAT(Outcome(UnlockWithKeyFile(path_, directory_ + "/text")), HasSubstr("no vault key"));
}

TEST_F(UnlockTest, ByCredential) {
  EXPECT_THAT(Outcome(UnlockWithCredential(path_, directory_)), HasSubstr("no credential slot"));
  const std::string secret(32, 'c');
  ASSERT_TRUE(
      AddSlot(path_, *key_, KeySlotSecret(secret, SlotKind::kCredential, "vault-key"), now_).ok());
  EXPECT_THAT(Outcome(UnlockWithCredential(path_, directory_)), HasSubstr("No such file"));
  KeyFile("vault-key", secret);
  EXPECT_TRUE(Opens(UnlockWithCredential(path_, directory_)));
  EXPECT_THAT(Outcome(UnlockWithCredential(path_, "")), HasSubstr("LoadCredentialEncrypted"));
}

TEST_F(UnlockTest, AMovedKeyFileSlotIsOfNoUseElsewhere) {
  // Slots of another vault, pasted in: what they wrap is bound to their vault.
  const std::string other = directory_ + "/other";
  std::vector<SlotSecret> slots;
  slots.push_back(KeySlotSecret(std::string(32, 'o')));
  ASSERT_TRUE(CreateVault(other, slots, now_).ok());
  std::string bytes = ReadAll(path_);
  bytes.replace(64, KeySlot::kBytes, ReadAll(other).substr(64, KeySlot::kBytes));
  WriteAll(path_, bytes);
  const std::string key = KeyFile("o", std::string(32, 'o'));
  EXPECT_THAT(Outcome(UnlockWithKeyFile(path_, key)), HasSubstr("does not open"));
}

TEST_F(UnlockTest, AFileDoesNotDictateWhatArgonCosts) {
  std::string bytes = ReadAll(path_);
  const size_t memory_at = 64 + KeySlot::kBytes + 2 + KeySlot::kMaxLabel + 8;
  bytes[memory_at + 6] = 1;  // 256 TiB
  WriteAll(path_, bytes);
  EXPECT_THAT(Outcome(UnlockWithPassphrase(path_, "test")),
              HasSubstr("slot of the vault is damaged"));
}

}  // namespace
}  // namespace runward
