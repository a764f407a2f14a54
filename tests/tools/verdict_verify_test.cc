#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

class VerdictVerifyTest : public VerdictCommandTest {
 protected:
  // The exit code of verify for a verdict that is signed with `sign` and checked with `verify`.
  int Verify(std::vector<std::string> sign, const std::vector<std::string>& verify = {}) {
    sign.insert(sign.end(), {"--out", Path("v")});
    EXPECT_EQ(Sign('a', sign), 0) << err_;
    std::vector<std::string> args = {"verify", Path("v")};
    args.insert(args.end(), verify.begin(), verify.end());
    return Run(args);
  }
};

TEST_F(VerdictVerifyTest, AFreshPassedIsConfirmed) {
  EXPECT_EQ(Verify({"--result", "PASSED", "--expires", "1d"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("PASSED for \"registry.example.com/app:1\""));
  EXPECT_EQ(Verify({"--result", "WARN"}, {"--image", Hex('a')}), 0) << err_;
}

TEST_F(VerdictVerifyTest, EachNoHasItsReason) {
  EXPECT_EQ(Verify({"--result", "FAILED"}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.failed"));
  EXPECT_EQ(Verify({"--result", "PASSED", "--time", "2020-01-01T00:00:00Z", "--expires", "1d"}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.expired"));
  EXPECT_EQ(Verify({"--result", "PASSED"}, {"--image", "sha256:" + Hex('b')}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.wrong-image"));
  EXPECT_EQ(Verify({"--result", "PASSED", "--name", "elsewhere/app"}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.key-images"));
  ASSERT_EQ(Run({"keygen", "--out", Path("stranger")}), 0);
  EXPECT_EQ(Verify({"--result", "PASSED", "--key", Path("stranger.key")}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.untrusted"));
}

TEST_F(VerdictVerifyTest, AKeyGivenStandsInForThePolicy) {
  ASSERT_EQ(Run({"keygen", "--out", Path("other")}), 0);
  std::filesystem::remove(paths_.policy);
  const std::vector<std::string> sign = {"--result", "PASSED", "--key", Path("other.key")};
  EXPECT_EQ(Verify(sign, {"--key", Path("other.pub")}), 0) << err_;
  EXPECT_EQ(Verify(sign, {"--key", Path("ci.pub")}), 2);
  EXPECT_EQ(Verify(sign, {"--key", Path("other.key")}), 1);
  EXPECT_THAT(err_, HasSubstr("name the .pub file"));
  EXPECT_EQ(Verify(sign), 1);
  EXPECT_THAT(err_, HasSubstr("policy init"));
}

TEST_F(VerdictVerifyTest, OneNoAmongManyIsANo) {
  ASSERT_EQ(Sign('a', {"--result", "PASSED"}), 0);
  const std::string passed = out_;
  ASSERT_EQ(Sign('a', {"--result", "FAILED"}), 0);
  Write("both", passed + out_);
  EXPECT_EQ(Run({"verify", Path("both")}), 2);
  EXPECT_THAT(out_, HasSubstr("PASSED for"));
  Write("none", "");
  EXPECT_EQ(Run({"verify", Path("none")}), 2);
  EXPECT_EQ(Run({"verify", Path("both"), "--image", "x"}), 2);
}

}  // namespace
}  // namespace runward::fixtures
