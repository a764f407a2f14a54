#include "agent/asked_arguments.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

namespace runward {
namespace {

using Words = std::vector<std::string>;

TEST(AskedArguments, AreWhereTheCallSays) {
  constexpr std::array<uint64_t, 6> kArgs = {1, 2, 3, 4, 5, 6};
  constexpr long kX32 = 0x40000000;
  EXPECT_EQ(ArgvOf(SYS_execve, kArgs).address, 2U);
  EXPECT_EQ(ArgvOf(SYS_execveat, kArgs).address, 3U);
  EXPECT_EQ(ArgvOf(SYS_execve, kArgs).pointer, 8U);
  for (const long number : {11L, kX32 | 520}) {
    EXPECT_EQ(ArgvOf(number, kArgs).address, 2U);
    EXPECT_EQ(ArgvOf(number, kArgs).pointer, 4U);
  }
  for (const long number : {358L, 387L, kX32 | 545}) EXPECT_EQ(ArgvOf(number, kArgs).address, 3U);
  EXPECT_EQ(ArgvOf(SYS_getpid, kArgs).address, 0U);
}

TEST(AskedArguments, AreReadFromTheMemoryOfTheTask) {
  const std::array<const char*, 4> argv = {"one", "", "three", nullptr};
  const ArgvPlace place{reinterpret_cast<uint64_t>(argv.data())};
  EXPECT_EQ(ArgumentsAt(getpid(), place, 9, 9), (Words{"one", "", "three"}));
  EXPECT_EQ(ArgumentsAt(getpid(), place, 1, 2), (Words{"on"}));
  EXPECT_TRUE(ArgumentsAt(getpid(), {}, 9, 9).empty());
  EXPECT_TRUE(ArgumentsAt(getpid(), {1}, 9, 9).empty());
  EXPECT_TRUE(ArgumentsAt(1 << 30, place, 9, 9).empty());
}

// A thread that runs until it is told to sleep, in a call that is not about executing.
class Runner {
 public:
  Runner() : thread_([this] { Run(); }) {
    while (task_ == 0) std::this_thread::yield();
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  ~Runner() {
    done_ = sleep_ = true;
    thread_.join();
  }
  [[nodiscard]] pid_t task() const { return task_; }
  void Sleep() { sleep_ = true; }

 private:
  void Run() {
    task_ = static_cast<pid_t>(syscall(SYS_gettid));
    while (!sleep_) continue;
    while (!done_) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  std::atomic<pid_t> task_ = 0;
  std::atomic<bool> sleep_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

TEST(AskedArguments, OfOneThatRunsAreWaitedForAndNotTakenForNone) {
  Runner runner;
  EXPECT_FALSE(ArgvAsked(runner.task()).has_value());
  std::thread later([&runner] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    runner.Sleep();
  });
  const auto place = ArgvAsked(runner.task());
  later.join();
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->address, 0U);
}

}  // namespace
}  // namespace runward
