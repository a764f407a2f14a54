#include "base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace runward {
namespace {

int OpenOne() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0 || errno != EBADF; }

TEST(UniqueFd, ClosesWhatItOwnsOnce) {
  const int raw = OpenOne();
  {
    const UniqueFd fd(raw);
    EXPECT_TRUE(fd.valid());
    EXPECT_TRUE(IsOpen(raw));
  }
  EXPECT_FALSE(IsOpen(raw));
}

TEST(UniqueFd, AMoveHandsOverAndLeavesNothingBehind) {
  const int raw = OpenOne();
  UniqueFd first(raw);
  UniqueFd second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): its state is what is tested
  EXPECT_EQ(second.get(), raw);
  const int other = OpenOne();
  UniqueFd third(other);
  third = std::move(second);
  EXPECT_FALSE(IsOpen(other));
  EXPECT_TRUE(IsOpen(raw));
}

TEST(UniqueFd, AMoveOntoItselfKeepsIt) {
  UniqueFd fd(OpenOne());
  UniqueFd& same = fd;
  fd = std::move(same);
  EXPECT_TRUE(fd.valid());
  EXPECT_TRUE(IsOpen(fd.get()));
}

TEST(UniqueFd, ReleaseGivesItAway) {
  int raw = -1;
  {
    UniqueFd fd(OpenOne());
    raw = fd.release();
    EXPECT_FALSE(fd.valid());
  }
  EXPECT_TRUE(IsOpen(raw));
  close(raw);
}

int freed = 0;
void FreeInt(int* value) {
  ++freed;
  delete value;
}

TEST(CHandle, FreesWithTheLibrarysFunction) {
  { const CHandle<int, FreeInt> handle(new int(1)); }
  EXPECT_EQ(freed, 1);
  { const CHandle<int, FreeInt> empty; }
  EXPECT_EQ(freed, 1);
}

}  // namespace
}  // namespace runward
