#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class VerdictListTest : public VerdictCommandTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(Sign('a', {"--result", "PASSED", "--time", "2020-01-01T00:00:00Z", "--expires", "1d",
                         "--diff-id", Hex('b'), "--add"}),
              0)
        << err_;
    ASSERT_EQ(Sign('c', {"--result", "FAILED", "--reason", "vulnerabilities.critical", "--name",
                         "registry.example.com/aaa", "--add"}),
              0)
        << err_;
  }
};

TEST_F(VerdictListTest, TheTableHasOneLineAVerdictInTheOrderOfNames) {
  EXPECT_EQ(Run({"list"}), 0) << err_;
  EXPECT_EQ(std::ranges::count(out_, '\n'), 3);
  EXPECT_TRUE(out_.starts_with("NAME "));
  EXPECT_LT(out_.find("registry.example.com/aaa"), out_.find("registry.example.com/app:1"));
  EXPECT_THAT(out_, HasSubstr("PASSED, expired"));
  EXPECT_THAT(out_, HasSubstr("2020-01-02T00:00:00Z"));
  EXPECT_THAT(out_, HasSubstr("aaaaaaaaaaaa bbbbbbbbbbbb"));
}

TEST_F(VerdictListTest, JsonHasTheSameAndMore) {
  EXPECT_EQ(Run({"list", "--json"}), 0) << err_;
  const auto json = nlohmann::json::parse(out_);
  ASSERT_EQ(json.size(), 2);
  EXPECT_EQ(json[0].at("result"), "FAILED");
  EXPECT_EQ(json[0].at("reasons").at(0), "vulnerabilities.critical");
  EXPECT_EQ(json[1].at("key"), "ci");
  EXPECT_EQ(json[1].at("trusted"), true);
  EXPECT_EQ(json[1].at("filed").size(), 2);
}

TEST_F(VerdictListTest, AKeyNoLongerTrustedShows) {
  std::string policy = Read(paths_.policy);
  policy.replace(policy.find("registry.example.com/*"), 22, "elsewhere.example.com");
  Write("policy.json", policy);
  EXPECT_EQ(Run({"list"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("(verdict.key-images)"));
  EXPECT_EQ(Run({"list", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out_).at(0).at("trusted"), false);
}

TEST_F(VerdictListTest, WithoutAPolicyTheVerdictsShowAsUntrusted) {
  std::filesystem::remove(paths_.policy);
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_THAT(err_, HasSubstr("no key is known as trusted"));
  EXPECT_THAT(out_, HasSubstr("(verdict.untrusted)"));
}

TEST_F(VerdictListTest, AnUnreadableFileIsAnErrorAndHidesNoOther) {
  chmod(VerdictFile(paths_, DigestOf('c')).c_str(), 0666);
  EXPECT_EQ(Run({"list"}), 1);
  EXPECT_THAT(err_, HasSubstr("may write it"));
  EXPECT_THAT(out_, HasSubstr("registry.example.com/app:1"));
  EXPECT_THAT(out_, Not(HasSubstr("registry.example.com/aaa")));
}

TEST_F(VerdictListTest, BrokenLinesAndForeignFilesDoNoHarm) {
  Write("verdicts/sha256/" + Hex('d') + ".intoto.jsonl", "\x1b[2J broken\n");
  Write("verdicts/sha256/README", "x");
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_THAT(out_, HasSubstr("UNREADABLE"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
}

TEST_F(VerdictListTest, NoNameIsABuildSystemsCommand) {
  // Nobody's key signs such names here; whoever can write the store can file them.
  const std::string evil = "::error::x##vso[y]";
  ASSERT_EQ(Sign('d', {"--result", "FAILED", "--name", evil, "--reason", evil, "--out", Path("v")}),
            0)
      << err_;
  Write("verdicts/sha256/" + Hex('d') + ".intoto.jsonl", Read(Path("v")));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"list"},
                                                {"list", "--json"},
                                                {"show", Path("v")},
                                                {"show", Path("v"), "--json"},
                                                {"diff", Path("v"), "sha256:" + Hex('a')},
                                                {"add", Path("v")},
                                                {"verify", Path("v")}}) {
    Run(words);
    EXPECT_THAT(out_ + err_, HasSubstr("u0023\\u0023")) << words.front();
    for (const std::string& text : {out_, err_}) {
      EXPECT_THAT(text, Not(HasSubstr("##"))) << words.front();
      EXPECT_THAT("\n" + text, Not(HasSubstr("\n::"))) << words.front();
    }
  }
  Run({"list", "--json"});
  EXPECT_THAT(nlohmann::json::parse(out_).dump(), HasSubstr(evil)) << "the same to who parses it";
}

TEST_F(VerdictListTest, AnEmptyStoreIsAnEmptyList) {
  std::filesystem::remove_all(paths_.verdicts);
  EXPECT_EQ(Run({"list", "--json"}), 0);
  EXPECT_EQ(out_, "[]\n");
  EXPECT_EQ(Run({"list"}), 0);
  EXPECT_EQ(std::ranges::count(out_, '\n'), 1);
}

}  // namespace
}  // namespace runward::fixtures
