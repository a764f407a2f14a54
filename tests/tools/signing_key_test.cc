#include "tools/signing_key.h"

#include <gmock/gmock.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class SigningKeyTest : public EventDirectory {
 protected:
  [[nodiscard]] std::string Path(const std::string& name) const { return base_ + "/" + name; }
};

TEST_F(SigningKeyTest, SignsWhatItsPublicKeyVerifies) {
  const SigningKey key = SigningKey::Generate();
  const std::string signature = key.Sign("text");
  const auto verify = [&](std::string_view text) {
    return crypto_sign_verify_detached(
        reinterpret_cast<const unsigned char*>(signature.data()),
        reinterpret_cast<const unsigned char*>(text.data()), text.size(),
        reinterpret_cast<const unsigned char*>(key.public_bytes().data()));
  };
  EXPECT_EQ(verify("text"), 0);
  EXPECT_NE(verify("tex"), 0);
}

TEST_F(SigningKeyTest, ReadsWhatItWroteAndWhatOpensslWrites) {
  const SigningKey key = SigningKey::Generate();
  ASSERT_TRUE(WriteKeyPair(key, Path("k.key"), Path("k.pub")).ok());
  const auto back = SigningKey::ReadFile(Path("k.key"));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back.value().public_bytes(), key.public_bytes());
  struct stat info {};
  ASSERT_EQ(stat(Path("k.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);

  // A key of openssl's (made once for this test), with its public half as openssl prints it.
  const auto openssl = SigningKey::Parse(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIFs6eN3HC0CvcPyFyR4viP6dQ0WkiMBt/BejoPz53W/l\n"
      "-----END PRIVATE KEY-----\n");
  ASSERT_TRUE(openssl.ok());
  EXPECT_THAT(openssl.value().PublicPem(),
              HasSubstr("MCowBQYDK2VwAyEAz/berkIBOFYeW6K2aSmUDoBzv0xBmCwFSbFkjIodybQ="));
}

TEST_F(SigningKeyTest, NeverOverwritesAKeyAndLeavesNothingBehind) {
  const SigningKey key = SigningKey::Generate();
  ASSERT_TRUE(WriteKeyPair(key, Path("k.key"), Path("k.pub")).ok());
  const auto again = WriteKeyPair(SigningKey::Generate(), Path("k.key"), Path("k.pub"));
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message, HasSubstr("never overwritten"));
  EXPECT_EQ(Read(Path("k.pub")), key.PublicPem());
  EXPECT_FALSE(WriteKeyPair(key, Path("other.key"), Path("none/k.pub")).ok());
  EXPECT_TRUE(FileMissing(Path("other.key")));
}

TEST_F(SigningKeyTest, RefusesWhatIsNoKeyOrNoSecret) {
  for (const char* text :
       {"", "x", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMC4!\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"}) {
    EXPECT_FALSE(SigningKey::Parse(text).ok()) << text;
  }
  Write(Path("open.key"), SigningKey::Generate().PrivatePem());
  chmod(Path("open.key").c_str(), 0644);
  const auto read = SigningKey::ReadFile(Path("open.key"));
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("others may read"));
}

}  // namespace
}  // namespace runward
