#include "base/lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "base/fd.h"

namespace runward {
namespace {

class LockTest : public testing::Test {
 protected:
  LockTest() { EXPECT_TRUE(one_.valid()); }
  ~LockTest() override { std::remove(path_.c_str()); }
  [[nodiscard]] UniqueFd Open() const {
    return UniqueFd(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  std::string path_ = testing::TempDir() + "lock." + std::to_string(getpid());
  UniqueFd one_ = Open();
  UniqueFd other_ = Open();
};

TEST_F(LockTest, SharesAndExcludesAsAsked) {
  EXPECT_TRUE(LockWithin(one_.get(), LOCK_SH, 0));
  EXPECT_TRUE(LockWithin(other_.get(), LOCK_SH, 0));
  EXPECT_FALSE(LockWithin(other_.get(), LOCK_EX, 0));
}

TEST_F(LockTest, SaysThatItStayedLocked) {
  ASSERT_TRUE(LockWithin(one_.get(), LOCK_EX, 0));
  errno = 0;
  EXPECT_FALSE(LockWithin(other_.get(), LOCK_SH, 20));
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_FALSE(LockWithin(-1, LOCK_SH, 20));
  EXPECT_EQ(errno, EBADF);
}

TEST_F(LockTest, WaitsForWhoeverHoldsIt) {
  ASSERT_TRUE(LockWithin(one_.get(), LOCK_EX, 0));
  std::thread holder([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    one_ = UniqueFd();
  });
  EXPECT_TRUE(LockWithin(other_.get(), LOCK_EX, 10'000));
  holder.join();
}

}  // namespace
}  // namespace runward
