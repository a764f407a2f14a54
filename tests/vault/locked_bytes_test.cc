#include "vault/locked_bytes.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>

namespace runward {
namespace {

// A pipe with `content` in it, closed behind it.
int PipeWith(const std::string& content) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
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

// The sanitizers take mlock(2) for themselves, and lock nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLocks = false;
#else
constexpr bool kLocks = true;
#endif

// Whether `line` is a mapping's first ("7f00-7f01 r--p ..."), and then whether it holds `address`.
bool IsMapping(const std::string& line, const void* address, bool* holds) {
  uintptr_t from = 0;
  uintptr_t to = 0;
  const char* end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, from, 16);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') return false;
  if (std::from_chars(first.ptr + 1, end, to, 16).ec != std::errc{}) return false;
  const auto at = reinterpret_cast<uintptr_t>(address);
  *holds = from <= at && at < to;
  return true;
}

// The flags of the mapping that holds `address`, of /proc/self/smaps.
std::string FlagsOf(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    if (IsMapping(line, address, &here)) continue;
    if (here && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(LockedBytes, AreLockedAndLeftOutOfDumps) {
  const LockedBytes bytes = LockedBytes::Copy("a secret").value();
  EXPECT_EQ(bytes.view(), "a secret");
  EXPECT_THAT(FlagsOf(bytes.data()), testing::HasSubstr(" dd "));
  if (!kLocks) GTEST_SKIP() << "the sanitizer locks no memory";
  EXPECT_THAT(FlagsOf(bytes.data()), testing::HasSubstr(" lo "));
}

// What a process made now reads there; it says nothing of itself but its exit code.
bool ChildReads(std::string_view there, std::string_view expected) {
  const pid_t child = fork();
  if (child == 0) _exit(there == expected ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return status == 0;
}

TEST(LockedBytes, AreKeptFromChildren) {
  for (const size_t size : {1, 192, 4096, 100'000}) {
    const std::string content(size, 's');
    LockedBytes bytes = LockedBytes::Copy(content).value();
    EXPECT_TRUE(ChildReads(bytes.view(), content));
    ASSERT_TRUE(bytes.KeepFromChildren().ok());
    EXPECT_TRUE(ChildReads(bytes.view(), std::string(size, '\0'))) << size;
    EXPECT_EQ(bytes.view(), content);
  }
}

TEST(LockedBytes, MoveAndShrink) {
  LockedBytes first = LockedBytes::Copy("abcdef").value();
  LockedBytes second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): what is left behind is empty
  second.Shrink(3);
  EXPECT_EQ(second.view(), "abc");
  EXPECT_EQ(second.data()[4], 0);
  second = LockedBytes::Make(0).value();
  EXPECT_TRUE(second.empty());
}

TEST(LockedBytes, ALimitOfLockedMemoryIsAnError) {
  if (!kLocks) GTEST_SKIP() << "the sanitizer locks no memory";
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
