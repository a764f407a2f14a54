#include "agent/calling_task.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <fstream>

#include "tests/agent/notified_child.h"

namespace runward {
namespace {

using test::NotifiedChild;

class CallingTaskTest : public ::testing::Test {
 protected:
  // The inode of the file that the call means, or the error's number.
  std::string Found(const std::function<void()>& deed) {
    NotifiedChild child([&deed] {
      deed();
      return errno;
    });
    if (!child.Asks()) return "not asked";
    const auto call = receiver_.Take(child.listener());
    if (!call) return "no call";
    const auto task = CallingTask::Of(call->task);
    if (!task) return "no task";
    const CalledFile found = task->FileOf(*call);
    struct stat info {};
    if (!found.file.valid()) return "error " + std::to_string(found.error);
    return fstat(found.file.get(), &info) == 0 ? std::to_string(info.st_ino) : "?";
  }
  static void ExecuteAt(int directory, const char* path, int flags) {
    char* const none[] = {nullptr};
    syscall(SYS_execveat, directory, path, none, none, flags);
  }
  static std::string InodeOf(const char* path) {
    struct stat info {};
    return stat(path, &info) == 0 ? std::to_string(info.st_ino) : "missing";
  }

  UniqueFd memory_ = CallReceiver::MakeMemory().value();
  CallReceiver receiver_ = CallReceiver::Over(memory_.get()).value();
};

TEST_F(CallingTaskTest, FindsTheFileOfEachFormOfTheCall) {
  const std::string shell = InodeOf("/bin/sh");
  EXPECT_EQ(Found([] { test::Executing("/bin/sh"); }), shell);
  EXPECT_EQ(Found([] {
              (void)!chdir("/bin");
              test::Executing("sh");
            }),
            shell);
  EXPECT_EQ(Found([] {
              (void)!chdir("/usr/bin");
              test::Executing("../../bin/sh");
            }),
            shell);
  EXPECT_EQ(Found([] { ExecuteAt(open("/bin", O_PATH | O_CLOEXEC), "sh", 0); }), shell);
  EXPECT_EQ(Found([] { ExecuteAt(open("/tmp", O_PATH | O_CLOEXEC), "/bin/sh", 0); }), shell);
  EXPECT_EQ(Found([] { ExecuteAt(open("/bin/sh", O_PATH | O_CLOEXEC), "", AT_EMPTY_PATH); }),
            shell);
  EXPECT_EQ(Found([] {
              (void)!chdir("/bin");
              ExecuteAt(AT_FDCWD, "sh", 0);
            }),
            shell);
  const std::string self = InodeOf("/proc/self/exe");
  EXPECT_EQ(Found([] { test::Executing("/proc/self/exe"); }), self);
}

TEST_F(CallingTaskTest, SaysWhyThereIsNone) {
  const auto error = [](int number) { return "error " + std::to_string(number); };
  EXPECT_EQ(Found([] { test::Executing("/no/such"); }), error(ENOENT));
  EXPECT_EQ(Found([] { test::Executing(""); }), error(ENOENT));
  EXPECT_EQ(Found([] { test::Executing("/bin"); }), error(EISDIR));
  EXPECT_EQ(Found([] { test::Executing("/dev/null"); }), error(EISDIR));
  EXPECT_EQ(Found([] { test::Executing(std::string(5000, 'x').c_str()); }), error(ENAMETOOLONG));
  EXPECT_EQ(Found([] { ExecuteAt(987, "sh", 0); }), error(EBADF));
  EXPECT_EQ(Found([] { ExecuteAt(AT_FDCWD, "", AT_EMPTY_PATH); }), error(EISDIR));
  EXPECT_FALSE(CallingTask::Of(0).has_value());
}

#if defined(__x86_64__)
TEST_F(CallingTaskTest, Knows32BitCalls) {
  // A filter made for one architecture kills the others' calls, so only what they look like.
  NotifiedChild child([] { return test::Executing("/bin/sh"); });
  ASSERT_TRUE(child.Asks());
  NotifiedCall call = receiver_.Take(child.listener()).value();
  const auto task = CallingTask::Of(call.task);
  ASSERT_TRUE(task.has_value());
  constexpr uint32_t kI386 = 0x40000003;
  call.arch = kI386;
  call.number = 11;  // execve
  EXPECT_TRUE(task->FileOf(call).file.valid());
  call.number = 358;  // execveat
  call.args = {static_cast<uint64_t>(AT_FDCWD), call.args[0]};
  EXPECT_TRUE(task->FileOf(call).file.valid());
  call.arch = 0xc000003e;
  call.number = 0x40000000 + 545;  // x32's execveat
  EXPECT_TRUE(task->FileOf(call).file.valid());
}
#endif

TEST(InterpreterOf, ReadsAScriptsFirstLine) {
  struct Case {
    std::string content;
    std::string interpreter;
  };
  const Case cases[] = {{"#!/bin/sh\n", "/bin/sh"},
                        {"#! \t/bin/sh -e\nx", "/bin/sh"},
                        {"#!/bin/sh", "/bin/sh"},
                        {"#!\n", ""},
                        {"#! \n", ""},
                        {"", ""},
                        {"\x7f"
                         "ELF",
                         ""},
                        {"# !/bin/sh\n", ""},
                        {"#!" + std::string(400, 'x'), std::string(254, 'x')}};
  const std::string path = testing::TempDir() + "script-" + std::to_string(getpid());
  for (const Case& one : cases) {
    std::ofstream(path) << one.content;
    const UniqueFd file(open(path.c_str(), O_PATH | O_CLOEXEC));
    EXPECT_EQ(InterpreterOf(file.get()), one.interpreter) << one.content;
  }
  unlink(path.c_str());
}

}  // namespace
}  // namespace runward
