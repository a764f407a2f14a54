#include "agent/ready.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "base/fd.h"

namespace runward {
namespace {

TEST(Ready, TellsWhoAsks) {
  const std::string path = testing::TempDir() + "ready-" + std::to_string(getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  EXPECT_TRUE(TellReady().ok());
  std::array<char, 64> text{};
  const ssize_t size = recv(fd.get(), text.data(), text.size(), MSG_DONTWAIT);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(text.data(), static_cast<size_t>(size)), "READY=1");
  unlink(path.c_str());
  EXPECT_FALSE(TellReady().ok());
  unsetenv("NOTIFY_SOCKET");
}

TEST(Ready, NeedsNobodyToAsk) {
  unsetenv("NOTIFY_SOCKET");
  EXPECT_TRUE(TellReady().ok());
  for (const std::string& bad : {std::string(), std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", bad.c_str(), 1);
    EXPECT_FALSE(TellReady().ok());
  }
  unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace runward
