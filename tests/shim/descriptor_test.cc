#include "shim/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/file.h"

namespace runward {
namespace {

TEST(NamedDescriptor, IsANumberInADirectoryOfDescriptors) {
  EXPECT_EQ(NamedDescriptor("/dev/fd/63"), 63);
  EXPECT_EQ(NamedDescriptor("/proc/self/fd/0"), 0);
  EXPECT_EQ(NamedDescriptor("/proc/thread-self/fd/7"), 7);
  EXPECT_EQ(NamedDescriptor("/dev/stdin"), 0);
  for (const std::string_view other :
       {"", "63", "/dev/fd/", "/dev/fd/-1", "/dev/fd/3x", "/dev/fd/3/..", "/dev/fd/99999999999",
        "/dev/fd/ 3", "/dev/stdout", "/proc/1/fd/3", "dev/fd/3", "/x/dev/fd/3"}) {
    EXPECT_EQ(NamedDescriptor(other), std::nullopt) << other;
  }
}

TEST(InMemory, HoldsTheBytesAndNoOthersEver) {
  const std::string text("a\0b", 3);
  const Result<UniqueFd> fd = InMemory(text);
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(write(fd.value().get(), "x", 1), -1);
  EXPECT_EQ(ftruncate(fd.value().get(), 0), -1);
  EXPECT_EQ(ReadFdCapped(fd.value().get(), 100, "it").value(), text);
  EXPECT_EQ(fcntl(fd.value().get(), F_GETFD), FD_CLOEXEC);
}

TEST(HandOn, GivesAPathThatOutlivesTheDescriptor) {
  std::string path;
  {
    const Result<UniqueFd> fd = InMemory(std::string(100000, 'x'));
    ASSERT_TRUE(fd.ok());
    const Result<std::string> handed = HandOn(fd.value());
    ASSERT_TRUE(handed.ok());
    path = handed.value();
  }
  const int kept = NamedDescriptor(path).value_or(-1);
  EXPECT_GE(kept, 100);
  EXPECT_EQ(fcntl(kept, F_GETFD), 0);
  std::ostringstream read;
  read << std::ifstream(path).rdbuf();
  EXPECT_EQ(read.str(), std::string(100000, 'x'));
  close(kept);
}

}  // namespace
}  // namespace runward
