#include "tests/tools/policy_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class PolicyCheck : public PolicyFixture {
 protected:
  [[nodiscard]] Output Check(const std::string& text) const {
    (void)Write("policy.json", text);
    return Run(PolicyCheckCommand);
  }
};

TEST_F(PolicyCheck, SaysOfAGoodPolicyWhatItHolds) {
  const Output output = Check(R"({"version": 1, "profiles": [
    {"name": "a", "match": {"images": ["a"]}},
    {"name": "b", "match": {"images": ["b"]}, "mode": "audit"}]})");
  EXPECT_EQ(output.code, 0) << output.out;
  EXPECT_EQ(output.out, paths_.policy +
                            ": good; 0 trusted keys, 2 profiles (1 enforce, 1 audit), what "
                            "matches none is refused\n");
}

TEST_F(PolicyCheck, ShowsEveryProblemWithItsPlace) {
  const Output output = Check(
      "{\"version\": 1, \"profiles\": [\n"
      "\t{\"name\": \"a\", \"match\": {}, \"Mode\": \"audit\"},\n"
      "  {\"name\": \"b\", \"match\": {\"images\": []}}]}\n");
  EXPECT_EQ(output.code, 2);
  EXPECT_EQ(output.out, paths_.policy +
                            ":2:29: unknown key \"Mode\" in the profile\n"
                            "    \t{\"name\": \"a\", \"match\": {}, \"Mode\": \"audit\"},\n"
                            "    \t                           ^\n"
                            "    did you mean \"mode\"?\n" +
                            paths_.policy +
                            ":3:37: \"images\" must not be an empty list\n"
                            "      {\"name\": \"b\", \"match\": {\"images\": []}}]}\n"
                            "                                        ^\n"
                            "    leave the key out, or list at least one\n"
                            "2 problems in " +
                            paths_.policy + "\n");
}

TEST_F(PolicyCheck, ShowsAPartOfALongLine) {
  const std::string text = R"({"version":1,"profiles":[],"x)" + std::string(5000, 'y') + "\":1}";
  const Output output = Check(text);
  EXPECT_EQ(output.code, 2);
  EXPECT_LT(output.out.size(), 800U);
  EXPECT_THAT(output.out, HasSubstr("    {\"version\":1,\"profiles\":[],\"xyyy"));
}

TEST_F(PolicyCheck, ShowsNoControlCharactersOfTheFile) {
  const Output output = Check("{\"version\": 1, \"\x1b[31m\": 2}");
  EXPECT_EQ(output.code, 2);
  EXPECT_EQ(output.out.find('\x1b'), std::string::npos);
}

TEST_F(PolicyCheck, ChecksADraftWhereverItLies) {
  const std::string draft = Write("drafts/new.json", R"({"version": 1, "profiles": [],
    "trust": [{"name": "ci", "key": "ci.pub", "images": ["*"]}]})");
  chmod((root_ + "/drafts").c_str(), 0777);
  Output output = Run(PolicyCheckCommand, {draft});
  EXPECT_EQ(output.code, 2);
  EXPECT_THAT(output.out, HasSubstr(draft + ":2:37: key \"ci.pub\": open"));
  (void)Write("drafts/ci.pub",
              "-----BEGIN PUBLIC KEY-----\n"
              "MCowBQYDK2VwAyEArnTSqRcKczuiPzslZrEppify4bGlW9lNrSvADoMZcFs=\n"
              "-----END PUBLIC KEY-----\n");
  output = Run(PolicyCheckCommand, {draft});
  EXPECT_EQ(output.code, 0) << output.out;
}

TEST_F(PolicyCheck, HoldsTheInstalledPolicyToItsOwner) {
  (void)Write("policy.json", R"({"version": 1, "profiles": []})");
  chmod(paths_.policy.c_str(), 0666);
  for (const std::vector<std::string>& args : {std::vector<std::string>{}, {paths_.policy}}) {
    const Output output = Run(PolicyCheckCommand, args);
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.err, HasSubstr("may write it"));
  }
}

TEST_F(PolicyCheck, NamesTheCommandThatMakesAPolicy) {
  const Output output = Run(PolicyCheckCommand);
  EXPECT_EQ(output.code, 1);
  EXPECT_THAT(output.err, HasSubstr("runwardctl " + paths_.root_flag + " policy init"));
}

TEST_F(PolicyCheck, RefusesWrongUsage) {
  EXPECT_EQ(Run(PolicyCheckCommand, {"a", "b"}).code, 2);
  EXPECT_EQ(Run(PolicyCheckCommand, {"--fix"}).code, 2);
}

}  // namespace
}  // namespace runward
