#include "vault/locked_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace runward {
namespace {

// A pipe with `content` in it, closed behind it.
int PipeWith(const std::string& content) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  if (fork() == 0) {
    close(ends[0]);
    size_t at = 0;
    while (at < content.size()) {
      const ssize_t wrote = write(ends[1], content.data() + at, content.size() - at);
      if (wrote <= 0) break;
      at += static_cast<size_t>(wrote);
    }
    _exit(0);
  }
  close(ends[1]);
  return ends[0];
}

std::string ReadBack(const std::string& content, size_t max) {
  const int fd = PipeWith(content);
  const Result<LockedBytes> bytes = ReadLocked(fd, max, "input");
  close(fd);
  while (wait(nullptr) > 0) {
  }
  return bytes.ok() ? std::string(bytes.value().view()) : "error: " + bytes.error().message;
}

// The flags of the mapping that holds `address`, of /proc/self/smaps.
std::string FlagsOf(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    if (sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      const auto at = reinterpret_cast<unsigned long>(address);
      here = from <= at && at < to;
    }
    if (here && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(LockedBytes, AreLockedAndLeftOutOfDumps) {
  const LockedBytes bytes = LockedBytes::Copy("a secret").value();
  EXPECT_EQ(bytes.view(), "a secret");
  EXPECT_THAT(FlagsOf(bytes.data()), testing::HasSubstr(" lo "));
  EXPECT_THAT(FlagsOf(bytes.data()), testing::HasSubstr(" dd "));
}

TEST(LockedBytes, MoveAndShrink) {
  LockedBytes first = LockedBytes::Copy("abcdef").value();
  LockedBytes second = std::move(first);
  EXPECT_TRUE(first.empty());
  second.Shrink(3);
  EXPECT_EQ(second.view(), "abc");
  EXPECT_EQ(second.data()[4], 0);
  second = LockedBytes::Make(0).value();
  EXPECT_TRUE(second.empty());
}

TEST(LockedBytes, ALimitOfLockedMemoryIsAnError) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_MEMLOCK, &none);
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(2);
    const Result<LockedBytes> bytes = LockedBytes::Make(100000);
    _exit(!bytes.ok() && bytes.error().hint.find("ulimit -l") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(ReadLocked, ReadsToTheEndOrTheLimit) {
  for (const size_t size : {0, 1, 4095, 4096, 4097, 100000, 1048576}) {
    const std::string content(size, 'x');
    EXPECT_EQ(ReadBack(content, 1048576), content) << size;
  }
  EXPECT_THAT(ReadBack(std::string(1048577, 'x'), 1048576), testing::HasSubstr("is larger than"));
  EXPECT_THAT(ReadBack("12345", 4), testing::HasSubstr("is larger than the 4 bytes"));
  EXPECT_EQ(ReadBack("1234", 4), "1234");
}

TEST(HardenProcess, LeavesNeitherCoreNorDebugger) {
  const pid_t child = fork();
  if (child == 0) {
    rlimit limit{1, 1};
    const bool done = HardenProcess().ok() && getrlimit(RLIMIT_CORE, &limit) == 0;
    _exit(done && limit.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace runward
