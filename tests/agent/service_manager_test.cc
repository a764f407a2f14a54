#include "agent/service_manager.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/descriptors.h"
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
  const Received received = ReceiveDescriptors(socket, text, 1, MSG_DONTWAIT);
  if (received.size <= 0) return "";
  std::string all(text.data(), static_cast<size_t>(received.size));
  if (!received.files.empty()) all += "+";
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
