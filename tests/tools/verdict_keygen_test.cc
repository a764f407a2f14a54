#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

TEST_F(VerdictCommandTest, KeygenWritesAPairThatSignsAndVerifies) {
  EXPECT_EQ(Run({"keygen", "--out", Path("new")}), 0) << err_;
  EXPECT_TRUE(ParsePublicKeyPem(Read(Path("new.pub"))).ok());
  struct stat info {};
  ASSERT_EQ(stat(Path("new.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_THAT(out_, HasSubstr("fingerprint  SHA256:"));
  EXPECT_THAT(out_, HasSubstr("\"key\": \"" + Path("new.pub") + "\""));
  EXPECT_THAT(out_, HasSubstr(paths_.policy));
}

TEST_F(VerdictCommandTest, KeygenOverwritesNothingAndLeavesNothingBehind) {
  const std::string secret = Read(Path("ci.key"));
  EXPECT_EQ(Run({"keygen", "--out", Path("ci")}), 1);
  EXPECT_THAT(err_, HasSubstr("never overwritten"));
  EXPECT_EQ(Read(Path("ci.key")), secret);
  Write("half.pub", "another's");
  EXPECT_EQ(Run({"keygen", "--out", Path("half")}), 1);
  EXPECT_FALSE(std::filesystem::exists(Path("half.key")));
  EXPECT_EQ(Read(Path("half.pub")), "another's");
  Write("other.key", "another's");
  EXPECT_EQ(Run({"keygen", "--out", Path("other")}), 1);
  EXPECT_FALSE(std::filesystem::exists(Path("other.pub")));
  EXPECT_EQ(Run({"keygen", "--out", Path("no/such/folder")}), 1);
  EXPECT_EQ(Run({"keygen", "name"}), 2);
}

}  // namespace
}  // namespace runward::fixtures
