#include "vault/key_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "vault_fixture.h"

namespace runward {
namespace {

class KeyFileTest : public VaultFixture {};

TEST_F(KeyFileTest, IsMadeOnceAndReadBack) {
  const std::string path = directory_ + "/vault.key";
  const LockedBytes made = CreateKeyFile(path).value();
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0400U);
  EXPECT_EQ(ReadKeyFile(path).value().view(), made.view());
  EXPECT_THAT(ReadAll(path), testing::MatchesRegex("runward-vault-key:[A-Za-z0-9+/]{43}=\n"));
  EXPECT_THAT(CreateKeyFile(path).error().message, testing::HasSubstr("never overwritten"));
  EXPECT_EQ(ReadKeyFile(path).value().view(), made.view());
}

TEST(ParseKeyFile, TakesNothingElse) {
  const auto parses = [](const std::string& text) {
    return ParseKeyFile(LockedBytes::Copy(text).value(), "text").ok();
  };
  const std::string good =
      std::string(FormatKeyFile(LockedBytes::Copy(kSlotBytes).value()).value().view());
  EXPECT_TRUE(parses(good));
  EXPECT_TRUE(parses(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(parses(""));
  EXPECT_FALSE(parses("runward-vault-key:"));
  EXPECT_FALSE(parses(good + "\n"));
  EXPECT_FALSE(parses(good.substr(1)));
  EXPECT_FALSE(parses(good.substr(0, good.size() - 5)));
  EXPECT_FALSE(parses(std::string(200, 'A')));
}

}  // namespace
}  // namespace runward
