#include "agent/service_manager.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/fd.h"

namespace runward {
namespace {

using ::testing::ElementsAre;

class ServiceManagerTest : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
      unsetenv(name);
    }
  }

  static Kept Pipes() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    return {.group = UniqueFd(ends[0]), .listener = UniqueFd(ends[1])};
  }
};

// One message, and "+" when a descriptor came with it; empty when there is none.
std::string Receive(int socket) {
  std::array<char, 128> text{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec part{.iov_base = text.data(), .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT);
  if (size <= 0) return "";
  std::string all(text.data(), static_cast<size_t>(size));
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr) {
    int file = -1;
    std::memcpy(&file, CMSG_DATA(header), sizeof file);
    close(file);
    all += "+";
  }
  return all;
}

TEST_F(ServiceManagerTest, IsTold) {
  const std::string path = testing::TempDir() + "ready-" + std::to_string(getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  Kept kept = Pipes();
  EXPECT_TRUE(TellReady(kept).ok());
  std::vector<std::string> told;
  for (std::string one = Receive(fd.get()); !one.empty(); one = Receive(fd.get())) {
    told.push_back(one);
  }
  EXPECT_THAT(told,
              ElementsAre("FDSTOREREMOVE=1\nFDNAME=group\n", "FDSTORE=1\nFDPOLL=0\nFDNAME=group\n+",
                          "FDSTOREREMOVE=1\nFDNAME=listener\n",
                          "FDSTORE=1\nFDPOLL=0\nFDNAME=listener\n+", "READY=1"));
  unlink(path.c_str());
  EXPECT_FALSE(TellReady(kept).ok());
}

TEST_F(ServiceManagerTest, NeedNotBe) {
  Kept kept = Pipes();
  EXPECT_TRUE(TellReady(kept).ok());
  for (const std::string& bad : {std::string(), std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", bad.c_str(), 1);
    EXPECT_FALSE(TellReady(kept).ok());
  }
}

TEST_F(ServiceManagerTest, WhatIsStoredForAnotherProcessOrIsNoSocketIsNotTaken) {
  setenv("LISTEN_FDS", "0", 1);
  setenv("LISTEN_FDNAMES", "group:listener", 1);
  EXPECT_FALSE(TakeStored().listener.valid());
  setenv("LISTEN_PID", "1", 1);
  EXPECT_FALSE(TakeStored().listener.valid());
  setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_FALSE(TakeStored().listener.valid());
}

}  // namespace
}  // namespace runward
