#include "shim/argv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

// The canonical form, or "refused".
std::string Canonical(const std::string& line, Grammar grammar) {
  Invocation call;
  if (!ParseArgv(Words(line), grammar, call).ok()) return "refused";
  return Joined(call.Canonical());
}

TEST(Argv, PutsEverySpellingThatRuntimesAgreeOnIntoOneForm) {
  const std::pair<std::string, std::string> cases[] = {
      {"create --bundle /x c1", "create --bundle=/x c1"},
      {"create --bundle=/x c1", "create --bundle=/x c1"},
      {"create c1 --bundle /x", "create --bundle=/x c1"},
      {"create -b /x c1", "create --bundle=/x c1"},
      {"create --bundle /x -- c1", "create --bundle=/x c1"},
      {"create --bundle /y --bundle /x c1", "create --bundle=/x c1"},
      {"--root /r --log l --log-format json create --bundle /x c1",
       "--root=/r --log=l --log-format=json create --bundle=/x c1"},
      {"exec -d --env A=1 -- c1 sh -c ls", "exec --detach --env=A=1 c1 sh -c ls"},
      {"exec --cap A --cap B --env X --user 1 --user 2 c1 -- --cap C",
       "exec --cap=A --cap=B --env=X --user=2 c1 -- --cap C"},
      {"exec --cgroup a --cgroup b c1 sh", "exec --cgroup=a --cgroup=b c1 sh"},
      {"exec -t --process /p c1", "exec --tty --process=/p c1"},
      {"kill --all c1 9", "kill --all c1 9"},
      {"update --resources - c1", "update --resources=- c1"},
      {"update --memory-swap -1 c1", "update --memory-swap=-1 c1"},
      {"checkpoint --help", "checkpoint --help"},
      {"create --bundle /x --help c1", "create --help"},
      {"--version", "--version"},
      {"--debug -v", "--debug --version"},
      {"", "--help"},
      {"ps --format json c1", "ps --format=json c1"},
  };
  for (const auto& [line, canonical] : cases) {
    EXPECT_EQ(Canonical(line, Grammar::kRunc), canonical) << line;
    EXPECT_EQ(Canonical(line, Grammar::kCrun), canonical) << line;
    EXPECT_EQ(Canonical(line, Grammar::kUnknown), canonical) << line;
  }
}

struct Case {
  std::string line;
  std::string runc;
  std::string crun;
  std::string unknown;
};

TEST(Argv, ReadsWhatRuntimesReadDifferentlyAsTheKnownOneDoes) {
  const Case cases[] = {
      {"create -b=/x c1", "create --bundle=/x c1", "create --bundle==/x c1", "refused"},
      {"create -b/x c1", "refused", "create --bundle=/x c1", "refused"},
      {"create -bundle /x c1", "create --bundle=/x c1", "refused", "refused"},
      {"create -bundle=/x c1", "create --bundle=/x c1", "create --bundle=undle=/x c1", "refused"},
      {"create --b /x c1", "create --bundle=/x c1", "refused", "refused"},
      {"create --bun /x c1", "refused", "refused", "refused"},
      {"run --detach=false c1", "run c1", "refused", "refused"},
      {"run --detach --detach=0 c1", "run c1", "refused", "refused"},
      {"run --detach=maybe c1", "refused", "refused", "refused"},
      {"create -b /x --bundle /y c1", "refused", "create --bundle=/y c1", "refused"},
      {"create --bundle --no-pivot c1", "refused", "create --bundle=--no-pivot c1", "refused"},
      {"exec -dt c1 sh", "refused", "exec --detach --tty c1 sh", "refused"},
      {"exec -td c1 sh", "refused", "exec --tty=d c1 sh", "refused"},
      {"exec --tty=false c1 sh", "exec c1 sh", "exec --tty=false c1 sh", "refused"},
      {"delete --regex a.*", "refused", "delete --regex a.*", "delete --regex a.*"},
      {"create --config f c1", "refused", "create --config=f c1", "create --config=f c1"},
      {"events --stats c1", "events --stats c1", "refused", "events --stats c1"},
      {"--cgroup-manager=disabled state c1", "refused", "--cgroup-manager=disabled state c1",
       "--cgroup-manager=disabled state c1"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Canonical(one.line, Grammar::kRunc), one.runc) << one.line;
    EXPECT_EQ(Canonical(one.line, Grammar::kCrun), one.crun) << one.line;
    EXPECT_EQ(Canonical(one.line, Grammar::kUnknown), one.unknown) << one.line;
  }
}

TEST(Argv, RefusesWhatItDoesNotUnderstand) {
  for (const char* line : {"frobnicate c1",
                           "init",
                           "--frob state c1",
                           "create --frob c1",
                           "create",
                           "create c1 c2",
                           "create --bundle",
                           "create ../c1",
                           "create a/b",
                           "create .",
                           "create ..",
                           "kill c1 -9",
                           "create - c1",
                           "create -- -c1",
                           "exec --no-such c1 sh",
                           "--root",
                           "state c1 c2",
                           "list c1",
                           "mounts add c1",
                           "--bundle /x create c1",
                           "create --=x c1",
                           "create -= c1"}) {
    for (const Grammar grammar : {Grammar::kRunc, Grammar::kCrun, Grammar::kUnknown}) {
      EXPECT_EQ(Canonical(line, grammar), "refused") << line;
    }
  }
  Invocation call;
  EXPECT_FALSE(ParseArgv(std::vector<std::string>{"create", ""}, Grammar::kRunc, call).ok());
}

TEST(Argv, KeepsTheLogWhenTheRestIsNotUnderstood) {
  Invocation call;
  const Result<void> parsed =
      ParseArgv(Words("--log /l --log-format json create --frob c1"), Grammar::kRunc, call);
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.error().message, HasSubstr("\"--frob\""));
  EXPECT_EQ(call.Global("log"), "/l");
  EXPECT_EQ(call.Global("log-format"), "json");
}

TEST(Argv, CanonicalFormIsReadBackAsItself) {
  for (const char* line : {"--root /r exec -e A=1 -e B=2 -p /f c1", "run -d c1 --keep",
                           "--debug update --memory 5 -r - c1", "kill -a c1 KILL"}) {
    const std::string once = Canonical(line, Grammar::kRunc);
    EXPECT_NE(once, "refused");
    for (const Grammar grammar : {Grammar::kRunc, Grammar::kUnknown}) {
      EXPECT_EQ(Canonical(once, grammar), once);
    }
  }
}

TEST(Argv, SetReplacesEveryOccurrence) {
  Invocation call;
  ASSERT_TRUE(ParseArgv(Words("create --bundle a --bundle b c1"), Grammar::kCrun, call).ok());
  call.Set("bundle", "/c");
  EXPECT_THAT(call.Canonical(), ElementsAre("create", "--bundle=/c", "c1"));
}

}  // namespace
}  // namespace runward
