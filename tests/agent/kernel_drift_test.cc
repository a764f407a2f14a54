// Drift on a real overlay: what the image does not contain does not run.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class KernelDriftTest : public KernelTest {
 protected:
  KernelRules Drift() const {
    KernelRules rules = Rules();
    rules.drift = KernelDrift::kDeny;
    return rules;
  }
  bool Runs(const std::string& path, const KernelRules& rules) {
    return Run(path, {"x"}, rules) == End::kRan;
  }
};

TEST_F(KernelDriftTest, WhatTheImageContainsRuns) {
  EXPECT_TRUE(Runs(root() + "/bin/plain", Drift()));
  EXPECT_EQ(Run(root() + "/bin/true", {"true"}, Drift()), End::kRan);
}

TEST_F(KernelDriftTest, WhatWasWrittenDoesNot) {
  fs::copy_file(root() + "/bin/plain", root() + "/copied");
  fs::copy_file(root() + "/bin/plain", other() + "/copied");
  EXPECT_FALSE(Runs(root() + "/copied", Drift()));
  EXPECT_FALSE(Runs(other() + "/copied", Drift()));
  for (const KernelEvent& event : Events()) EXPECT_EQ(event.cause, KernelCause::kDrift);
  KernelRules lax = Rules();
  EXPECT_TRUE(Runs(root() + "/copied", lax));
  EXPECT_TRUE(Runs(other() + "/copied", lax));
}

TEST_F(KernelDriftTest, AFileOfTheImageThatWasOverwrittenDoesNot) {
  EXPECT_TRUE(Runs(root() + "/bin/plain", Drift()));
  // The same inode number before and after it was copied up; an allow rule does not help.
  KernelRules rules = Drift();
  rules.files = {{.file = KeyOf(root() + "/bin/plain"), .flags = kFileAllowed}};
  fs::permissions(root() + "/bin/plain", fs::perms::owner_all);
  EXPECT_FALSE(Runs(root() + "/bin/plain", rules));
}

TEST_F(KernelDriftTest, ARenamedOrLinkedFileOfTheImageDoesNot) {
  fs::create_hard_link(root() + "/bin/plain", root() + "/bin/linked");
  EXPECT_FALSE(Runs(root() + "/bin/linked", Drift()));
}

TEST_F(KernelDriftTest, ExceptionsRun) {
  KernelRules rules = Drift();
  fs::create_directories(root() + "/build/a/b");
  fs::copy_file(root() + "/bin/plain", root() + "/build/a/b/made");
  fs::copy_file(root() + "/bin/plain", root() + "/made");
  fs::copy_file(root() + "/bin/plain", other() + "/made");
  EXPECT_FALSE(Runs(root() + "/build/a/b/made", rules));
  rules.files = {{.file = KeyOf(root() + "/build"), .flags = kExceptDirectory}};
  EXPECT_TRUE(Runs(root() + "/build/a/b/made", rules));
  EXPECT_FALSE(Runs(root() + "/made", rules));
  EXPECT_FALSE(Runs(other() + "/made", rules));
  rules.trusted_devices = {KeyOf(other()).device};
  EXPECT_TRUE(Runs(other() + "/made", rules));
  EXPECT_FALSE(Runs(root() + "/made", rules));
}

TEST_F(KernelDriftTest, MemoryAndUnlinkedFilesDoNot) {
  auto from = [&](int fd) {
    return [fd, this] {
      int source = open((root() + "/bin/plain").c_str(), O_RDONLY | O_CLOEXEC);
      char bytes[4096];
      ssize_t n = 0;
      while ((n = read(source, bytes, sizeof(bytes))) > 0) {
        if (write(fd, bytes, static_cast<size_t>(n)) != n) return 1;
      }
      std::string again = "/proc/self/fd/" + std::to_string(fd);
      int code = open(again.c_str(), O_RDONLY | O_CLOEXEC);
      close(fd);
      const char* argv[] = {"x", nullptr};
      fexecve(code, const_cast<char* const*>(argv), environ);
      return errno == EPERM ? 101 : 1;
    };
  };
  KernelRules lax = Rules();
  int memory = memfd_create("code", MFD_CLOEXEC);
  EXPECT_EQ(RunCode(from(memory), lax), End::kRan);
  EXPECT_NE(RunCode(from(memfd_create("code", MFD_CLOEXEC)), Drift()), End::kRan);
  EXPECT_NE(RunCode(from(open(other().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0700)), Drift()),
            End::kRan);
  std::string gone = root() + "/gone";
  int unlinked = open(gone.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0700);
  unlink(gone.c_str());
  EXPECT_NE(RunCode(from(unlinked), Drift()), End::kRan);
}

TEST_F(KernelDriftTest, WarningLetsRunAndReports) {
  KernelRules rules = Drift();
  rules.drift = KernelDrift::kWarn;
  fs::copy_file(root() + "/bin/plain", root() + "/copied");
  EXPECT_TRUE(Runs(root() + "/copied", rules));
  std::vector<KernelEvent> events = Events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].decision, KernelDecision::kWarned);
  EXPECT_EQ(events[0].cause, KernelCause::kDrift);
}

}  // namespace
}  // namespace runward
