#include "agent/clients.h"

#include <gtest/gtest.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>

namespace runward {
namespace {

// fork(2), with a number that nobody has at the moment.
pid_t ForkAs(pid_t number) {
  clone_args args{};
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<uintptr_t>(&number);
  args.set_tid_size = 1;
  return static_cast<pid_t>(syscall(SYS_clone3, &args, sizeof args));
}

// Of this namespace, and root there.
class TrustedPeerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    auto listener = ListenAt(path_, SocketKind::kPackets);
    ASSERT_TRUE(listener.ok()) << listener.error().message;
    listener_ = std::move(listener).value();
  }
  void TearDown() override { unlink(path_.c_str()); }

  // Of a process that has ended since.
  UniqueFd OfEnded() {
    ended_ = fork();
    if (ended_ == 0) _exit(Connect().valid() ? 0 : 1);
    int status = -1;
    EXPECT_EQ(waitpid(ended_, &status, 0), ended_);
    EXPECT_EQ(status, 0);
    return Accept();
  }
  [[nodiscard]] UniqueFd Accept() const {
    return UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  [[nodiscard]] UniqueFd Connect() const {
    UniqueFd own(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, path_.size());
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    return connect(own.get(), to, sizeof address) == 0 ? std::move(own) : UniqueFd();
  }

  const std::string path_ = "/tmp/runward-clients-" + std::to_string(getpid());
  UniqueFd listener_;
  pid_t ended_ = -1;
};

TEST_F(TrustedPeerTest, OneThatLivesIs) {
  const UniqueFd own = Connect();
  const UniqueFd client = Accept();
  EXPECT_TRUE(IsTrustedPeer(client.get(), Ended::kRefuse));
  EXPECT_TRUE(IsTrustedPeer(client.get(), Ended::kTake));
}

TEST_F(TrustedPeerTest, OneThatHasEndedIsWhereThatIsTaken) {
  const UniqueFd client = OfEnded();
  EXPECT_FALSE(IsTrustedPeer(client.get(), Ended::kRefuse));
  EXPECT_TRUE(IsTrustedPeer(client.get(), Ended::kTake));
}

TEST_F(TrustedPeerTest, AnotherWithItsNumberIsNotIt) {
  const UniqueFd client = OfEnded();
  constexpr int kPeerPidfd = 77;
  int handle = -1;
  socklen_t size = sizeof handle;
  if (getsockopt(client.get(), SOL_SOCKET, kPeerPidfd, &handle, &size) != 0 &&
      errno == ENOPROTOOPT) {
    GTEST_SKIP() << "the kernel knows its clients by their numbers alone";
  }
  const UniqueFd ended(handle);
  const pid_t other = ForkAs(ended_);
  if (other == 0) {
    pause();
    _exit(0);
  }
  if (other < 0) GTEST_SKIP() << "the kernel gives no process that number";
  EXPECT_FALSE(IsTrustedPeer(client.get(), Ended::kRefuse));
  EXPECT_TRUE(IsTrustedPeer(client.get(), Ended::kTake));
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
}

}  // namespace
}  // namespace runward
