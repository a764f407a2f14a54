#include "tools/options.h"

#include <gmock/gmock.h>

namespace runward {
namespace {

using ::testing::ElementsAre;

TEST(Options, ReadsFlagsValuesAndWords) {
  const std::vector<std::string> args = {"--a", "1", "word", "--a=2", "--flag", "-", "--", "--a"};
  const auto options = Options::Parse(args, {{"--a", true}, {"--flag", false}});
  ASSERT_TRUE(options.ok());
  EXPECT_THAT(options.value().All("--a"), ElementsAre("1", "2"));
  EXPECT_EQ(options.value().Last("--a", "x"), "2");
  EXPECT_EQ(options.value().Last("--b", "x"), "x");
  EXPECT_TRUE(options.value().Has("--flag"));
  EXPECT_THAT(options.value().words(), ElementsAre("word", "-", "--a"));
}

TEST(Options, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"--c"}, {"-a"}, {"--a"}, {"--flag=1"}, {"--aa", "1"}}) {
    EXPECT_FALSE(Options::Parse(args, {{"--a", true}, {"--flag", false}}).ok()) << args[0];
  }
}

}  // namespace
}  // namespace runward
