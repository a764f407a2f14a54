#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

TEST_F(VerdictCommandTest, ShowFindsADigestAndAFile) {
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--add", "--out", Path("v")}), 0) << err_;
  EXPECT_EQ(Run({"show", "sha256:" + Hex('a')}), 0) << err_;
  const std::string by_digest = out_;
  EXPECT_THAT(by_digest, HasSubstr("registry.example.com/app:1"));
  EXPECT_EQ(Run({"show", Path("v")}), 0);
  EXPECT_EQ(out_, by_digest);
  EXPECT_EQ(Run({"show", Hex('b')}), 1);
  EXPECT_THAT(err_, HasSubstr("no verdict about sha256:" + Hex('b')));
  EXPECT_THAT(err_, HasSubstr("--runward-root=" + root_ + " verdict list"));
  EXPECT_EQ(Run({"show"}), 2);
}

TEST_F(VerdictCommandTest, ShowPrintsTheSignedStatementItself) {
  ASSERT_EQ(Sign('a', {"--result", "PASSED", "--add"}), 0) << err_;
  EXPECT_EQ(Run({"show", Hex('a'), "--json"}), 0);
  EXPECT_EQ(std::ranges::count(out_, '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(out_).at("subject").at(0).at("digest").at("sha256"), Hex('a'));
}

TEST_F(VerdictCommandTest, ShowOfWhatIsNoVerdictSaysSo) {
  Write("x", "no\n");
  EXPECT_EQ(Run({"show", Path("x")}), 2);
  EXPECT_THAT(out_, HasSubstr("not valid JSON"));
  EXPECT_EQ(Run({"show", "sha256:00"}), 1);
  EXPECT_THAT(err_, HasSubstr("is not a digest"));
}

}  // namespace
}  // namespace runward::fixtures
