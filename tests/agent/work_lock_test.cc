#include "agent/work_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace runward {
namespace {

using ::testing::HasSubstr;

TEST(WorkLockTest, OnlyOneHoldsIt) {
  const std::string root = testing::TempDir() + "work-lock-" + std::to_string(getpid());
  const Paths paths = PathsFor(root);
  auto first = LockWork(paths, 0);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto second = LockWork(paths, 30);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(getpid())));
  first.value() = UniqueFd();
  EXPECT_TRUE(LockWork(paths, 0).ok());
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace runward
