#include "agent/handed_listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>

#include "agent/seccomp_listener.h"
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
  void Send(std::string text, int file) const {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec part{.iov_base = text.data(), .iov_len = text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
    ASSERT_GT(sendmsg(theirs_.get(), &message, 0), 0);
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
