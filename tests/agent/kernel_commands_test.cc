// Against the running kernel: real programs, an overlay and pid namespaces.
#include "agent/kernel_commands.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

TEST_F(KernelTest, WhatNoRuleDeniesRuns) {
  std::string plain = root() + "/bin/plain";
  EXPECT_EQ(Run(plain, {"plain"}, std::nullopt), End::kRan);
  EXPECT_EQ(Run(plain, {"plain"}, Rules()), End::kRan);
  EXPECT_TRUE(Events().empty());
}

TEST_F(KernelTest, ADeniedFileIsDeniedUnderEveryName) {
  std::string plain = root() + "/bin/plain";
  KernelRules rules = Rules();
  rules.files = {{.file = KeyOf(plain), .flags = kFileDenied, .rule = 7}};
  fs::create_symlink(plain, other() + "/symlink");
  for (const std::string& path : {plain, other() + "/symlink", root() + "/bin/../bin/plain"}) {
    EXPECT_EQ(Run(path, {"x"}, rules), Denied(*kernel_)) << path;
  }
  EXPECT_EQ(Run(plain, {"x"}, std::nullopt), End::kRan) << "outside of the container";
}

TEST_F(KernelTest, AnEventSaysWhatWasTriedByWhom) {
  std::string plain = root() + "/bin/plain";
  KernelRules rules = Rules();
  rules.files = {{.file = KeyOf(plain), .flags = kFileDenied, .rule = 7}};
  Run(plain, {"name", "two words", ""}, rules);
  std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].container, 1U);
  EXPECT_EQ(events[0].cause, KernelCause::kFile);
  EXPECT_EQ(events[0].rule, 7);
  EXPECT_EQ(events[0].filename, plain);
  EXPECT_EQ(events[0].file, KeyOf(plain));
  EXPECT_EQ(events[0].uid, 0U);
  EXPECT_EQ(events[0].parent, static_cast<uint32_t>(getpid()));
  EXPECT_EQ(events[0].argv, (std::vector<std::string>{"name", "two words", ""}));
}

TEST_F(KernelTest, EventsWakeAReaderWithinASecond) {
  KernelRules rules = Rules();
  rules.names = {{.name = "plain"}};
  for (int i = 0; i < 3; i++) {
    Run(root() + "/bin/plain", {"plain"}, rules);
    pollfd ready = {.fd = kernel_->fd(), .events = POLLIN, .revents = 0};
    size_t found = 0;
    while (found == 0 && poll(&ready, 1, 1000) > 0) found = Events().size();
    EXPECT_EQ(found, 1U) << i;
  }
}

TEST_F(KernelTest, ANameIsDeniedToAFileAndToALink) {
  KernelRules rules = Rules();
  rules.names = {{.name = "plain"}, {.name = "echo"}};
  EXPECT_EQ(Run(root() + "/bin/plain", {"x"}, rules), Denied(*kernel_));
  EXPECT_EQ(Run(root() + "/bin/echo", {"x"}, rules), Denied(*kernel_));
  EXPECT_EQ(Run(root() + "/bin/true", {"true"}, rules), End::kRan);
}

TEST_F(KernelTest, AnAppletIsDeniedHoweverItIsCalled) {
  std::string busybox = root() + "/bin/busybox";
  KernelRules rules = Rules();
  rules.names = {{.name = "echo"}};
  rules.files = {{.file = KeyOf(busybox), .flags = kFileMultiCall}};
  std::string deep;
  for (int i = 0; i < 40; i++) deep += "/some-directory";
  std::vector<std::vector<std::string>> denied = {
      {"echo"},
      {"/bin/echo"},
      {"-echo"},
      {"busybox", "echo"},
      {deep + "/echo"},
      {"busybox", "busybox", "echo"},
      {deep + "/busybox", "a/b/echo", "x"},
      {"busybox", "busybox", "busybox", "busybox", "busybox", "busybox", "busybox", "true"}};
  for (const auto& argv : denied) EXPECT_EQ(Run(busybox, argv, rules), End::kKilled) << argv[0];
  for (const KernelEvent& event : Events()) EXPECT_EQ(event.cause, KernelCause::kApplet);
  EXPECT_EQ(Run(busybox, {"true", "echo"}, rules), End::kRan);
  EXPECT_EQ(Run(busybox, {"busybox", "true"}, rules), End::kRan);
  EXPECT_EQ(Run(busybox, {"busybox"}, rules), End::kRan);
}

TEST_F(KernelTest, AnAllowListDeniesTheRest) {
  KernelRules rules = Rules();
  rules.allow_list = true;
  EXPECT_EQ(Run(root() + "/bin/plain", {"x"}, rules), Denied(*kernel_));
  rules.names = {{.name = "plain", .denied = false}, {.name = "true", .denied = false}};
  EXPECT_EQ(Run(root() + "/bin/plain", {"x"}, rules), End::kRan);
  fs::create_symlink(root() + "/bin/busybox", other() + "/plain");
  EXPECT_EQ(Run(other() + "/plain", {"x"}, rules), Denied(*kernel_)) << "a link allows nothing";
  rules.files = {{.file = KeyOf(root() + "/bin/busybox"), .flags = kFileMultiCall}};
  EXPECT_EQ(Run(root() + "/bin/busybox", {"busybox", "true"}, rules), End::kRan);
  EXPECT_EQ(Run(root() + "/bin/busybox", {"busybox", "echo"}, rules), End::kKilled);
  rules.files[0].flags |= kFileAllowed;
  EXPECT_EQ(Run(root() + "/bin/busybox", {"busybox", "echo"}, rules), End::kRan);
}

TEST_F(KernelTest, TheLoaderIsNotExecutedYetLoadsPrograms) {
  std::string loader = fs::canonical("/lib64/ld-linux-x86-64.so.2");
  KernelRules rules = Rules();
  rules.files = {{.file = KeyOf(loader), .flags = kFileLoader}};
  EXPECT_EQ(Run(loader, {"ld.so", "/bin/true"}, rules), Denied(*kernel_));
  EXPECT_EQ(Run("/bin/true", {"true"}, rules), End::kRan);
}

TEST_F(KernelTest, AuditLetsRunAndReports) {
  KernelRules rules = Rules();
  rules.enforce = false;
  rules.names = {{.name = "plain", .rule = 3}};
  EXPECT_EQ(Run(root() + "/bin/plain", {"x"}, rules), End::kRan);
  std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].decision, KernelDecision::kWouldDeny);
  EXPECT_EQ(events[0].rule, 3);
}

TEST_F(KernelTest, RecordsAllowedCommandsWhenAsked) {
  KernelRules rules = Rules();
  rules.record = true;
  EXPECT_EQ(Run(root() + "/bin/plain", {"x", "y"}, rules), End::kRan);
  std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].decision, KernelDecision::kAllowed);
  EXPECT_EQ(events[0].argv, (std::vector<std::string>{"x", "y"}));
}

TEST_F(KernelTest, RulesThatTheKernelCannotHoldAreRefused) {
  KernelRules rules = Rules();
  for (const std::string& name : {std::string(), std::string("a/b"), std::string(64, 'n')}) {
    rules.names = {{.name = name}};
    EXPECT_FALSE(kernel_->Register(1, 1, 0, rules).ok()) << name;
  }
  rules.names.clear();
  EXPECT_FALSE(kernel_->Register(1, 0, 0, rules).ok()) << "neither namespace nor cgroup";
  struct stat own = {};
  ASSERT_EQ(stat("/proc/self/ns/pid", &own), 0);
  EXPECT_FALSE(kernel_->Register(1, static_cast<uint32_t>(own.st_ino), 0, rules).ok());
  EXPECT_TRUE(kernel_->Registered().empty());
}

TEST_F(KernelTest, NewRulesOfAContainerReplaceItsOldOnes) {
  KernelRules denying = Rules();
  denying.names = {{.name = "plain"}};
  auto execute = [&] {
    execl((root() + "/bin/plain").c_str(), "plain", nullptr);
    return errno == EPERM ? 101 : 1;
  };
  auto replace = [&](const KernelRules& rules) {
    return [this, &rules] {
      EXPECT_TRUE(kernel_->Register(number_, namespace_, 0, rules).ok());
      EXPECT_EQ(kernel_->Registered().size(), 1U);
    };
  };
  KernelRules lax = Rules();
  EXPECT_EQ(RunCode(execute, denying, replace(lax)), End::kRan);
  EXPECT_EQ(RunCode(execute, lax, replace(denying)), Denied(*kernel_));
}

TEST_F(KernelTest, EventsThatDoNotFitAreCounted) {
  KernelRules rules = Rules();
  rules.names = {{.name = "plain"}};
  constexpr uint64_t kTries = 1600;  // the buffer holds some 1,200
  auto flood = [&] {
    for (uint64_t i = 0; i < kTries; i++) {
      pid_t child = vfork();
      if (child == 0) {
        execl((root() + "/bin/plain").c_str(), "plain", nullptr);
        _exit(0);
      }
      waitpid(child, nullptr, 0);
    }
    return 0;
  };
  EXPECT_EQ(RunCode(flood, rules), End::kRan);
  EXPECT_GT(lost_, 0U);
  EXPECT_EQ(Events().size() + lost_, kTries);
}

TEST_F(KernelTest, AContainerInTheHostsPidNamespaceIsKnownByItsControlGroup) {
  std::string mounted = dir_ + "/groups";
  fs::create_directory(mounted);
  if (mount("cgroup2", mounted.c_str(), "cgroup2", 0, nullptr) != 0) {
    GTEST_SKIP() << "no unified hierarchy";
  }
  std::string group = mounted + "/runward-test-" + std::to_string(getpid());
  fs::create_directories(group + "/below");
  KernelRules rules = Rules();
  rules.names = {{.name = "plain"}};
  EXPECT_TRUE(kernel_->Register(90, 0, KeyOf(group).inode, rules).ok());
  auto execute_in = [&](const std::string& one) {
    return [&, one] {
      std::ofstream(one + "/cgroup.procs") << "0" << std::flush;  // 0: who writes
      execl((root() + "/bin/plain").c_str(), "plain", nullptr);
      return errno == EPERM ? 101 : 1;
    };
  };
  EXPECT_EQ(RunCode(execute_in(group), std::nullopt), Denied(*kernel_));
  EXPECT_EQ(RunCode(execute_in(group + "/below"), std::nullopt), Denied(*kernel_));
  EXPECT_EQ(RunCode(execute_in(mounted), std::nullopt), End::kRan);
  // By its control group first: it may have joined another container's pid namespace.
  EXPECT_EQ(RunCode(execute_in(group), Rules()), Denied(*kernel_));
  kernel_->Forget(90);
  EXPECT_EQ(RunCode(execute_in(group), std::nullopt), End::kRan);
  rmdir((group + "/below").c_str());
  rmdir(group.c_str());
  umount2(mounted.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace runward
