#include "vault/vault.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include "vault/unlock.h"
#include "vault_fixture.h"

namespace runward {
namespace {

using testing::HasSubstr;

class VaultTest : public VaultFixture {};

TEST_F(VaultTest, GivesBackWhatWasPut) {
  ASSERT_TRUE(Put("web/db#password", "hunter2").ok());
  EXPECT_EQ(Get("web/db#password"), "hunter2");
  EXPECT_EQ(Get("web/db#password", 1), "hunter2");
}

TEST_F(VaultTest, KeepsEveryVersionApart) {
  EXPECT_EQ(Put("web/db#password", "one").value(), 1U);
  EXPECT_EQ(Put("web/db#password", "two").value(), 2U);
  EXPECT_EQ(Get("web/db#password"), "two");
  EXPECT_EQ(Get("web/db#password", 1), "one");
  EXPECT_THAT(Get("web/db#password", 3), HasSubstr("has no version 3"));
}

TEST_F(VaultTest, KnowsKvPathsAsPeopleWriteThem) {
  ASSERT_TRUE(Put("secret/x#k", "plain").ok());
  EXPECT_EQ(Get("secret/data/x#k"), "plain");
  ASSERT_TRUE(Put("secret/data/x#k", "exact").ok());
  EXPECT_EQ(Get("secret/data/x#k"), "exact");
  EXPECT_EQ(Get("secret/x#k"), "plain");
  EXPECT_EQ(WithoutDataPart("secret/data/a/b"), "secret/a/b");
  EXPECT_EQ(WithoutDataPart("secret/database"), "");
  EXPECT_EQ(WithoutDataPart("a/b/data/c"), "");
}

TEST_F(VaultTest, SaysWhyThereIsNoValue) {
  ASSERT_TRUE(Put("a#k", "x").ok());
  ASSERT_TRUE(Put("old#k", "x", {.not_after = now_}).ok());
  ASSERT_TRUE(Put("young#k", "x", {.not_after = Time{now_.ns + 1}}).ok());
  VaultWriter writer = VaultWriter::Open(path_, *key_).value();
  ASSERT_TRUE(writer.Remove(Name("a#k"), 0).ok());
  ASSERT_TRUE(writer.Commit(now_).ok());
  EXPECT_THAT(Get("a#k"), HasSubstr("was removed"));
  EXPECT_THAT(Get("a#other"), HasSubstr("there is no secret \"a#other\""));
  EXPECT_THAT(Get("old#k"), HasSubstr("has not been valid since 2027-"));
  EXPECT_EQ(Get("young#k"), "x");
  const Result<Vault> vault = Vault::Open(path_, *key_);
  EXPECT_THAT(vault.value().Read(Name("a#k"), 0, now_).error().hint, HasSubstr("vault restore"));
}

TEST_F(VaultTest, IsASnapshot) {
  ASSERT_TRUE(Put("a#k", "before").ok());
  const Vault vault = Vault::Open(path_, *key_).value();
  ASSERT_TRUE(Put("a#k", "after").ok());
  EXPECT_EQ(vault.Read(Name("a#k"), 0, now_).value().view(), "before");
  EXPECT_EQ(Get("a#k"), "after");
  EXPECT_LT(vault.generation(), Vault::Open(path_, *key_).value().generation());
}

TEST_F(VaultTest, ListsSorted) {
  for (const char* name : {"b#k", "a/b#k", "a#z", "a#k"}) ASSERT_TRUE(Put(name, "x").ok());
  std::vector<std::string> names;
  const std::vector<Entry> listed = Vault::Open(path_, *key_).value().List().value();
  for (const Entry& entry : listed) names.push_back(entry.name.Text());
  EXPECT_THAT(names, testing::ElementsAre("a#k", "a#z", "a/b#k", "b#k"));
}

TEST_F(VaultTest, RefusesWhatIsNoVaultOfThisKey) {
  const MasterKey other = MasterKey::Generate().value();
  EXPECT_THAT(Vault::Open(path_, other).error().message, HasSubstr("not what this key's owner"));
  EXPECT_THAT(Vault::Open(directory_ + "/none", *key_).error().hint, HasSubstr("vault init"));
  WriteAll(directory_ + "/foreign", std::string(10000, 'x'));
  EXPECT_THAT(Vault::Open(directory_ + "/foreign", *key_).error().message,
              HasSubstr("is not a vault"));
  std::string bytes = ReadAll(path_);
  bytes[8] = 2;
  WriteAll(directory_ + "/newer", bytes);
  EXPECT_THAT(Vault::Open(directory_ + "/newer", *key_).error().message, HasSubstr("of format 2"));
  ASSERT_EQ(symlink(path_.c_str(), (directory_ + "/link").c_str()), 0);
  EXPECT_THAT(Vault::Open(directory_ + "/link", *key_).error().message, HasSubstr("symbolic link"));
}

TEST_F(VaultTest, DoesNotWaitForOneWhoHoldsItLocked) {
  const MasterKey other = MasterKey::Generate().value();
  const UniqueFd held(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(held.get(), LOCK_EX), 0);
  EXPECT_THAT(Vault::Open(path_, other).error().message, HasSubstr("not what this key's owner"));
}

TEST_F(VaultTest, RefusesEveryTruncation) {
  ASSERT_TRUE(Put("a#k", "value").ok());
  const std::string bytes = ReadAll(path_);
  for (size_t size = 0; size < bytes.size(); size += size < kBodyAt ? 97 : 1) {
    WriteAll(path_, bytes.substr(0, size));
    ASSERT_FALSE(Vault::Open(path_, *key_).ok()) << size;
  }
}

TEST_F(VaultTest, NeitherNamesNorValuesAreInTheFile) {
  ASSERT_TRUE(
      Put("webshop/database#password", "correct-horse", {.labels = {{{"team", "blue-team"}}}})
          .ok());
  const std::string bytes = ReadAll(path_);
  for (const char* secret : {"webshop", "database", "password", "correct-horse", "blue-team"}) {
    EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace runward
