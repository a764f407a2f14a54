#include "base/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace runward {
namespace {

class DescriptorsTest : public testing::Test {
 protected:
  DescriptorsTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours_ = UniqueFd(ends[0]);
    theirs_ = UniqueFd(ends[1]);
  }
  static int OpenFiles() {
    int open = 0;
    for (int fd = 0; fd < 1024; ++fd) open += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return open;
  }

  UniqueFd ours_;
  UniqueFd theirs_;
  std::array<char, 16> text_{};
};

TEST_F(DescriptorsTest, GoWithTheText) {
  const std::array files = {ours_.get(), theirs_.get()};
  ASSERT_EQ(SendDescriptors(ours_.get(), "two", files), 3);
  const Received received = ReceiveDescriptors(theirs_.get(), text_, 2);
  EXPECT_EQ(std::string(text_.data(), static_cast<size_t>(received.size)), "two");
  ASSERT_EQ(received.files.size(), 2U);
  EXPECT_FALSE(received.cut);
  for (const UniqueFd& file : received.files) EXPECT_NE(fcntl(file.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(DescriptorsTest, TextMayComeAlone) {
  ASSERT_EQ(SendDescriptors(ours_.get(), "none", {}), 4);
  const Received received = ReceiveDescriptors(theirs_.get(), text_, 2);
  EXPECT_EQ(received.size, 4);
  EXPECT_TRUE(received.files.empty());
  EXPECT_FALSE(received.cut);
}

TEST_F(DescriptorsTest, MoreThanAreTakenAreClosedAndSaid) {
  const int before = OpenFiles();
  const std::array files = {ours_.get(), ours_.get(), ours_.get()};
  ASSERT_EQ(SendDescriptors(ours_.get(), "x", files), 1);
  {
    const Received received = ReceiveDescriptors(theirs_.get(), text_, 1);
    EXPECT_EQ(received.files.size(), 1U);
    EXPECT_TRUE(received.cut);
    EXPECT_EQ(OpenFiles(), before + 1);
  }
  EXPECT_EQ(OpenFiles(), before);
}

TEST_F(DescriptorsTest, TextThatIsCutIsSaid) {
  ASSERT_EQ(SendDescriptors(ours_.get(), std::string(17, 'x'), {}), 17);
  EXPECT_TRUE(ReceiveDescriptors(theirs_.get(), text_, 1).cut);
}

TEST_F(DescriptorsTest, FailAsSocketsDo) {
  EXPECT_LT(ReceiveDescriptors(theirs_.get(), text_, 1, MSG_DONTWAIT).size, 0);
  EXPECT_EQ(errno, EAGAIN);
  const std::vector<int> many(kMostDescriptors + 1, ours_.get());
  EXPECT_LT(SendDescriptors(ours_.get(), "x", many), 0);
  EXPECT_EQ(errno, E2BIG);
  theirs_ = UniqueFd();
  EXPECT_LT(SendDescriptors(ours_.get(), "x", {}), 0);  // and no SIGPIPE
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace runward
