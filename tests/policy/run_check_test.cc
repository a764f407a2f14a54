#include "policy/run_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/policy_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

// "message (hint)" of the first problem of a policy whose profile has this "run"; "" for none.
std::string Problem(const std::string& run) {
  test::MemoryKeys keys;
  const std::vector<PolicyProblem> problems = CheckPolicy(
      R"({"version": 1, "profiles": [{"name": "a", "match": {}, "run": )" + run + "}]}", keys);
  return problems.empty() ? "" : problems[0].message + " (" + problems[0].hint + ")";
}

TEST(CheckRun, TakesEveryKeyAsItShouldBe) {
  EXPECT_EQ(Problem(R"({"users": ["non-root"], "groups": ["root", "5-9"], "privileged": false,
    "capabilities": {"allow": []}, "noNewPrivileges": true, "hostNamespaces": ["network"],
    "mounts": {"deny": ["@host", "/srv"], "allow": ["/srv/a", "/"]},
    "devices": {"allow": ["/dev/nvidia*", "/dev/net/tun"]}, "readOnlyRoot": true,
    "limits": ["memory"], "syscalls": {"deny": ["@mount", "ptrace"], "unconfined": "deny"}})"),
            "");
}

TEST(CheckRun, NamesTheNearestWord) {
  EXPECT_THAT(Problem(R"({"syscalls": {"deny": ["mout"]}})"), HasSubstr("did you mean \"mount\"?"));
  EXPECT_THAT(Problem(R"({"syscalls": {"deny": ["@mounts"]}})"), HasSubstr("\"@mount\"?"));
  EXPECT_THAT(Problem(R"({"capabilities": {"allow": ["NET_ADMN"]}})"), HasSubstr("\"NET_ADMIN\"?"));
  EXPECT_THAT(Problem(R"({"mounts": {"deny": ["@engine-socket"]}})"),
              HasSubstr("\"@engine-sockets\"?"));
  EXPECT_THAT(Problem(R"({"hostNamespaces": ["net"]})"), HasSubstr("\"hostNamespaces\" must be"));
  EXPECT_THAT(Problem(R"({"user": ["app"]})"), HasSubstr("did you mean \"users\"?"));
  EXPECT_THAT(Problem(R"({"users": ["a b"]})"), HasSubstr("\"non-root\", a number"));
  EXPECT_THAT(Problem(R"({"devices": {"allow": ["/etc/x"]}})"), HasSubstr("a path below /dev"));
}

TEST(CheckRun, FindsWhatContradictsItselfOrDoesNothing) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "restricts nothing"},
      {R"({"users": ["non-root", "0"]})", "\"0\" contradicts"},
      {R"({"users": ["non-root", "root"]})", "\"root\" contradicts"},
      {R"({"groups": ["5", "non-root"]})", "\"5\" has no effect"},
      {R"({"syscalls": {}})", "restricts nothing"},
      {R"({"syscalls": {"deny": ["execve"]}})", "no container could start without"},
      {R"({"mounts": {"deny": ["/srv"], "allow": ["/srv"]}})", "denied and allowed"},
      {R"({"mounts": {"allow": ["/srv"]}})", "no key \"deny\""},
      {R"({"privileged": true, "capabilities": {"allow": []}})", "contradicts \"capabilities\""},
  };
  for (const auto& [run, why] : cases) EXPECT_THAT(Problem(run), HasSubstr(why)) << run;
}

std::string Ways(const std::string& was, const std::string& is) {
  const JsonDocument a = JsonDocument::Parse(was).value();
  const JsonDocument b = JsonDocument::Parse(is).value();
  return RunLaxerWays(a.root(), b.root());
}

TEST(RunLaxerWays, FindsNoneInWhatIsStricterOrEqual) {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "{}"},
      {"{}", R"({"users": ["7"]})"},
      {R"({"users": ["non-root"]})", R"({"users": ["7", "app"]})"},
      {R"({"users": ["1-9"]})", R"({"users": ["2-3", "9"]})"},
      {R"({"capabilities": {"allow": ["KILL", "CHOWN"]}})", R"({"capabilities": {"allow": []}})"},
      {R"({"mounts": {"deny": ["/a"], "allow": ["/b"]}})",
       R"({"mounts": {"deny": ["/a", "/c"], "allow": ["/b"]}})"},
      {R"({"devices": {"allow": ["/dev/nvidia*"]}})",
       R"({"devices": {"allow": ["/dev/nvidia0"]}})"},
      {R"({"syscalls": {"deny": ["swapon"]}})", R"({"syscalls": {"deny": ["@swap"]}})"},
  };
  for (const auto& [was, is] : cases) EXPECT_EQ(Ways(was, is), "") << was << is;
}

TEST(RunLaxerWays, NamesEachWay) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {R"({"users": ["non-root"]})", R"({"users": ["0"]})", "run allows more users"},
      {R"({"users": ["7"]})", "{}", "run allows more users"},
      {R"({"users": ["1-9"]})", R"({"users": ["9-10"]})", "run allows more users"},
      {R"({"groups": ["7"]})", R"({"groups": ["app"]})", "run allows more groups"},
      {R"({"privileged": false})", "{}", "run allows more (privileged)"},
      {R"({"capabilities": {"allow": []}})", "{}", "run allows more capabilities"},
      {R"({"noNewPrivileges": true})", "{}", "run allows more (new privileges)"},
      {R"({"hostNamespaces": []})", R"({"hostNamespaces": ["pid"]})",
       "run allows more host namespaces"},
      {R"({"mounts": {"deny": ["/a"]}})", R"({"mounts": {"deny": ["/b"]}})",
       "run allows more mounts"},
      {R"({"mounts": {"deny": ["/a"]}})", R"({"mounts": {"deny": ["/a"], "allow": ["/a/b"]}})",
       "run allows more mounts"},
      {R"({"devices": {"allow": []}})", R"({"devices": {"allow": ["/dev/x"]}})",
       "run allows more devices"},
      {R"({"readOnlyRoot": true})", "{}", "run allows more (a writable root)"},
      {R"({"pivotRoot": true})", "{}", "run allows more (no pivot_root)"},
      {R"({"preserveFds": false})", "{}", "run allows more (a caller's open files)"},
      {R"({"limits": ["pids"]})", R"({"limits": ["cpu"]})", "run allows more (no limits)"},
      {R"({"syscalls": {"deny": ["@swap"]}})", R"({"syscalls": {"deny": ["swapon"]}})",
       "run allows more system calls"},
      {R"({"syscalls": {"unconfined": "deny"}})", "{}", "run allows more (no seccomp profile)"},
  };
  for (const auto& [was, is, ways] : cases) EXPECT_EQ(Ways(was, is), ways);
}

TEST(RunLaxerWays, CountAmongAProfilesOwn) {
  test::MemoryKeys keys;
  const std::vector<PolicyProblem> problems = CheckPolicy(
      R"({"version": 1, "profiles": [
           {"name": "a", "match": {"images": ["x/*"]}, "run": {"users": ["non-root"]}},
           {"name": "b", "match": {"images": ["x/y", "z"]}}]})",
      keys);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].message, HasSubstr("run allows more users"));
}

}  // namespace
}  // namespace runward
