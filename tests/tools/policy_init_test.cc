#include "oci/load.h"
#include "tests/tools/policy_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class PolicyInit : public PolicyFixture {};

TEST_F(PolicyInit, WritesAPolicyThatTheRuntimeReadsAndThatRefusesNothing) {
  const Output output = Run(PolicyInitCommand);
  ASSERT_EQ(output.code, 0) << output.err;
  const auto policy = LoadPolicy(paths_);
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  const Digest chain = *Digest::FromHex(std::string(64, '1'));
  const ImageEvidence bundle = {.rootfs = "/srv/x", .why = "it is a directory"};
  const ImageEvidence image = {.chain = chain, .prefixes = {chain}};
  for (const ImageEvidence& evidence : {bundle, image}) {
    for (const Start start : {Start::kCreate, Start::kRestore}) {
      const Decision decision = Decide(policy.value(), evidence, {}, start, Now());
      EXPECT_EQ(decision.outcome, Outcome::kWouldDeny) << decision.rule;
    }
  }
  EXPECT_TRUE(policy.value().unrecorded_allowed);
  struct stat info {};
  ASSERT_EQ(stat(paths_.policy.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644U);
}

TEST_F(PolicyInit, PassesItsOwnCheckAndSaysWhatToDoNext) {
  const Output output = Run(PolicyInitCommand);
  for (const char* words :
       {"policy check", "verdict keygen", "report summary", "policy promote default --quiet 7d"}) {
    EXPECT_THAT(output.out, HasSubstr("runwardctl " + paths_.root_flag + " " + words));
  }
  EXPECT_EQ(Run(PolicyCheckCommand).code, 0);
}

TEST_F(PolicyInit, KeepsAPolicyThatIsThere) {
  (void)Write("policy.json", "mine");
  const Output kept = Run(PolicyInitCommand);
  EXPECT_EQ(kept.code, 1);
  EXPECT_THAT(kept.err, HasSubstr("policy init --force"));
  EXPECT_EQ(Read(paths_.policy), "mine");
  EXPECT_EQ(Run(PolicyInitCommand, {"--force"}).code, 0);
  EXPECT_EQ(Read(paths_.policy), StarterPolicy());
}

TEST_F(PolicyInit, MakesTheFolders) {
  paths_ = PathsFor(root_ + "/deep/er");
  EXPECT_EQ(Run(PolicyInitCommand).code, 0);
  EXPECT_TRUE(std::filesystem::is_directory(root_ + "/deep/er/keys"));
}

TEST_F(PolicyInit, SaysSoWhenTheRuntimeWouldNotTakeThePolicyFromThere) {
  chmod(root_.c_str(), 0777);
  const Output output = Run(PolicyInitCommand);
  EXPECT_EQ(output.code, 1);
  EXPECT_THAT(output.err, HasSubstr("may write it"));
}

TEST_F(PolicyInit, RefusesWrongUsage) {
  EXPECT_EQ(Run(PolicyInitCommand, {"x"}).code, 2);
  EXPECT_EQ(Run(PolicyInitCommand, {"--mode=enforce"}).code, 2);
  EXPECT_TRUE(std::filesystem::is_empty(root_));
}

}  // namespace
}  // namespace runward
