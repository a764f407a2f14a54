#include "tools/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Command> kCommands = {
    {"configure", "configure docker|podman [--default] [--file FILE]", "it's one", nullptr},
    {"policy check", "policy check [FILE]", "check", nullptr},
    {"report events", "report events [--since T] (--json|--raw) --x A|B", "list", nullptr},
};

TEST(CompletionTest, FlagsAndChoicesAreReadFromTheSynopsis) {
  const auto all = CompletableOf(kCommands);
  EXPECT_THAT(all[0].choices, ElementsAre("docker", "podman"));
  EXPECT_THAT(all[0].flags, ElementsAre("--default", "--file", "--help"));
  EXPECT_THAT(all[1].choices, IsEmpty());
  EXPECT_THAT(all[2].flags, Contains("--since"));
  EXPECT_THAT(all[2].choices, IsEmpty());
}

TEST(CompletionTest, EveryCommandOfOursIsInEachScript) {
  const auto all = CompletableOf(AllCommands());
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = CompletionScript(shell, all);
    for (const Completable& command : all) {
      EXPECT_THAT(script, HasSubstr(command.words.substr(command.words.rfind(' ') + 1))) << shell;
    }
  }
  EXPECT_EQ(CompletionScript("csh", all), "");
}

TEST(CompletionTest, SecretsNamesAreAskedForWhereACommandTakesOne) {
  int taking = 0;
  for (const Completable& command : CompletableOf(AllCommands())) {
    taking += command.secrets ? 1 : 0;
    const bool names = command.words == "vault get" || command.words == "vault put" ||
                       command.words == "vault show" || command.words == "vault edit" ||
                       command.words == "vault rotate" || command.words == "vault remove" ||
                       command.words == "vault restore";
    EXPECT_EQ(command.secrets, names) << command.words;
  }
  EXPECT_EQ(taking, 7);
}

TEST(CompletionTest, QuotesInHelpAreEscaped) {
  EXPECT_THAT(
      CompletionScript("fish", {{.words = "a b", .help = "it's", .flags = {}, .choices = {}}}),
      HasSubstr("'it'\\''s'"));
}

}  // namespace
}  // namespace runward
