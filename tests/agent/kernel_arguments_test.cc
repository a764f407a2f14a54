// Rules about arguments, against the running kernel.
#include <filesystem>

#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

KernelArguments About(const char* name, std::vector<std::string> patterns, bool allow = false) {
  return {.files = {}, .name = name, .allow = allow, .patterns = std::move(patterns), .rule = 9};
}

TEST_F(KernelTest, ArgumentsAreJudgedBeforeTheFirstInstruction) {
  const std::string plain = root() + "/bin/plain";
  KernelRules rules = Rules();
  rules.arguments = {About("plain", {"push", "--exec*", std::string(100, 'p')})};
  const std::string tail(5000, 'x');
  const std::string p(100, 'p');
  for (const std::vector<std::string>& argv :
       std::vector<std::vector<std::string>>{{"x", "push"},
                                             {"x", "-v", "", "push", "y"},
                                             {"x", "--exec=" + tail},
                                             {"x", "--exec"},
                                             {"x", p}}) {
    EXPECT_EQ(Run(plain, argv, rules), End::kKilled) << argv.back().substr(0, 20);
    const std::vector<KernelEvent> events = Events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].cause, KernelCause::kArguments);
    EXPECT_EQ(events[0].rule, 9);
    EXPECT_EQ(events[0].argv[0], "x");
  }
  for (const std::vector<std::string>& argv :
       std::vector<std::vector<std::string>>{{"x"},
                                             {"push"},
                                             {"x", "pushed"},
                                             {"x", "pus"},
                                             {"x", "--exe"},
                                             {"x", "", "PUSH"},
                                             {"x", p + "p"},
                                             {"x", p.substr(1)}}) {
    EXPECT_EQ(Run(plain, argv, rules), End::kRan) << argv.back();
  }
  EXPECT_EQ(Run(root() + "/bin/true", {"true", "push"}, rules), End::kRan);
  EXPECT_TRUE(Events().empty());
}

TEST_F(KernelTest, OnlyListedArgumentsMayBeGiven) {
  const std::string plain = root() + "/bin/plain";
  KernelRules rules = Rules();
  rules.arguments = {About("plain", {"log", "-*"}, /*allow=*/true)};
  for (const std::vector<std::string>& argv : std::vector<std::vector<std::string>>{
           {"x"}, {"x", "log", "-1", "-" + std::string(200, 'x')}}) {
    EXPECT_EQ(Run(plain, argv, rules), End::kRan);
  }
  for (const char* other : {"main", "", "logs", "lo"}) {
    EXPECT_EQ(Run(plain, {"x", "log", other}, rules), End::kKilled) << other;
  }
}

TEST_F(KernelTest, MoreArgumentsThanAreLookedAtAreForbidden) {
  const std::string plain = root() + "/bin/plain";
  KernelRules rules = Rules();
  rules.arguments = {About("plain", {"push"})};
  std::vector<std::string> argv(65, "a");
  EXPECT_EQ(Run(plain, argv, rules), End::kRan);
  argv.emplace_back("push");
  EXPECT_EQ(Run(plain, argv, rules), End::kKilled);
  EXPECT_EQ(Run(plain, {"x", std::string(5000, 'x'), "push"}, rules), End::kKilled);
}

TEST_F(KernelTest, ArgumentsAreThoseOfAFileALinkAndAnApplet) {
  const std::string plain = root() + "/bin/plain";
  KernelRules rules = Rules();
  rules.arguments = {About("", {"push"})};
  rules.arguments[0].files = {KeyOf(plain)};
  fs::create_symlink(plain, other() + "/renamed");
  EXPECT_EQ(Run(other() + "/renamed", {"x", "push"}, rules), End::kKilled);
  EXPECT_EQ(Run(other() + "/renamed", {"x", "pull"}, rules), End::kRan);
  rules.arguments = {About("renamed", {"push"})};
  EXPECT_EQ(Run(other() + "/renamed", {"x", "push"}, rules), End::kKilled);
  const std::string busybox = root() + "/bin/busybox";
  rules.arguments = {About("echo", {"a"}, /*allow=*/true)};
  rules.files = {{.file = KeyOf(busybox), .flags = kFileMultiCall}};
  EXPECT_EQ(Run(busybox, {"echo", "a", "a"}, rules), End::kRan);
  EXPECT_EQ(Run(busybox, {"busybox", "echo", "a"}, rules), End::kRan);
  EXPECT_EQ(Run(busybox, {"busybox", "echo", "b"}, rules), End::kKilled);
  EXPECT_EQ(Run(busybox, {"/bin/echo", "a", "b"}, rules), End::kKilled);
  EXPECT_EQ(Run(busybox, {"true", "b"}, rules), End::kRan);
}

TEST_F(KernelTest, ArgumentsAreOnlyToldOfInAuditMode) {
  KernelRules rules = Rules();
  rules.enforce = false;
  rules.arguments = {About("plain", {"push"})};
  EXPECT_EQ(Run(root() + "/bin/plain", {"x", "push"}, rules), End::kRan);
  const std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].decision, KernelDecision::kWouldDeny);
}

}  // namespace
}  // namespace runward
