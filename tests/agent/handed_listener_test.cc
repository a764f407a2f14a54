#include "agent/handed_listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "agent/seccomp_listener.h"
#include "base/descriptors.h"
#include "tests/agent/notified_child.h"

namespace runward {
namespace {

class HandedListenerTest : public ::testing::Test {
 protected:
  HandedListenerTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours_ = UniqueFd(ends[0]);
    theirs_ = UniqueFd(ends[1]);
  }
  void Send(const std::string& text, int file) const {
    const std::array files = {file};
    ASSERT_GT(SendDescriptors(theirs_.get(), text, files), 0);
  }

  UniqueFd ours_;
  UniqueFd theirs_;
};

TEST_F(HandedListenerTest, IsSeenAsOftenAsOneLooks) {
  const test::NotifiedChild child([] { return 0; });
  EXPECT_TRUE(PeekHandedListener(ours_.get()).pending);
  Send(R"({"state":{},"metadata":"enforce 01"})", child.listener());
  for (int turn = 0; turn < 2; ++turn) {
    const HandedListener handed = PeekHandedListener(ours_.get());
    EXPECT_FALSE(handed.pending);
    EXPECT_TRUE(IsSeccompListener(handed.file.get()));
    EXPECT_EQ(handed.metadata, "enforce 01");
  }
}

TEST_F(HandedListenerTest, NothingElseIsTakenForOne) {
  const UniqueFd other(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Send(R"({"metadata":"enforce 01"})", other.get());
  const HandedListener handed = PeekHandedListener(ours_.get());
  EXPECT_FALSE(handed.pending);
  EXPECT_FALSE(handed.file.valid());
}

TEST_F(HandedListenerTest, WhoHasGoneBringsNone) {
  theirs_ = {};
  const HandedListener handed = PeekHandedListener(ours_.get());
  EXPECT_FALSE(handed.pending);
  EXPECT_FALSE(handed.file.valid());
}

}  // namespace
}  // namespace runward
