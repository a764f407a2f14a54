#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;

TEST(VerdictCommandTable, IsSortedAndSaysOfEachWhatItTakes) {
  std::string_view before;
  for (const Command& command : VerdictCommands()) {
    EXPECT_LT(before, command.words);
    before = command.words;
    EXPECT_TRUE(command.synopsis.starts_with(command.words)) << command.words;
    EXPECT_FALSE(command.help.empty());
    EXPECT_NE(command.run, nullptr);
  }
}

TEST_F(VerdictCommandTest, EveryCommandRefusesAnUnknownFlag) {
  for (const Command& command : VerdictCommands()) {
    const std::string word(command.words.substr(command.words.find(' ') + 1));
    const bool answers = word == "evaluate" || word == "refresh" || word == "diff";
    const int wrong = answers ? 1 : 2;  // whose 2 is the policy's "no", or a difference
    EXPECT_EQ(Run({word, "--no-such-flag"}), wrong) << word;
    EXPECT_THAT(err_, HasSubstr("--no-such-flag"));
    EXPECT_THAT(err_, HasSubstr(std::string(command.words) + " --help"));
  }
}

TEST_F(VerdictCommandTest, AVerdictFileIsAFileOfBoundedSize) {
  Write("big", std::string(kMaxEnvelopeBytes + 1, ' '));
  EXPECT_FALSE(ReadVerdictInput(Path("big")).ok());
  EXPECT_FALSE(ReadVerdictInput(Path("none")).ok());
  EXPECT_FALSE(ReadVerdictInput(root_).ok());
  Write("small", "text");
  EXPECT_EQ(ReadVerdictInput(Path("small")).value(), "text");
}

TEST(VerdictArguments, ADigestIsGivenWithItsAlgorithmOrWithout) {
  const std::string hex(64, 'a');
  EXPECT_EQ(ParseDigestArgument(hex)->text(), "sha256:" + hex);
  EXPECT_EQ(ParseDigestArgument("sha256:" + hex)->hex(), hex);
  EXPECT_FALSE(ParseDigestArgument("sha512:" + hex));
  EXPECT_FALSE(ParseDigestArgument(hex.substr(1)));
  EXPECT_FALSE(ParseDigestArgument(""));
}

}  // namespace
}  // namespace runward::fixtures
