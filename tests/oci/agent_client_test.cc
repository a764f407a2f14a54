#include "oci/agent_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/descriptors.h"
#include "base/fd.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class AgentClientTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "agent_XXXXXX";
    directory_ = mkdtemp(name.data());
    paths_ = PathsFor(directory_);
    fs::create_directories(paths_.run);
  }
  void TearDown() override {
    if (server_.joinable()) server_.join();
    fs::remove_all(directory_);
  }

  UniqueFd Listen(int backlog) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = AgentSocket(paths_);
    path.copy(address.sun_path, path.size());
    UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd.get(), backlog), 0);
    return fd;
  }

  // Serves one client.
  void Serve(const std::function<void(int client, const std::string& request)>& serve) {
    listener_ = Listen(1);
    server_ = std::thread([this, serve] {
      const UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::string request(4096, '\0');
      const ssize_t size = recv(client.get(), request.data(), request.size(), 0);
      request.resize(size > 0 ? static_cast<size_t>(size) : 0);
      serve(client.get(), request);
    });
  }

  void Answer(const std::string& answer) {
    Serve([answer](int client, const std::string&) {
      (void)!send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }

  std::string Why() {
    const auto status = AskAgent(paths_);
    return status.ok() ? "" : status.error().message;
  }

  std::string directory_;
  Paths paths_;
  UniqueFd listener_;
  std::thread server_;
};

TEST_F(AgentClientTest, ReadsTheStatus) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's agent is believed";
  Answer(R"({"ok":true,"tier":"fanotify","pid":7,"containers":3,"later":1})");
  const auto status = AskAgent(paths_);
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status.value().tier, "fanotify");
  EXPECT_EQ(status.value().pid, 7);
  EXPECT_EQ(status.value().containers, 3U);
}

TEST_F(AgentClientTest, AsksToRegisterAndHandsARefusalOn) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's agent is believed";
  std::string asked;
  Serve([&asked](int client, const std::string& request) {
    asked = request;
    const std::string answer = R"({"ok":false,"error":"no root","hint":"mount one"})";
    (void)!send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  const auto told = RegisterWithAgent(paths_, "k", 9, "lsm");
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().message, "no root");
  EXPECT_EQ(told.error().hint, "mount one");
  server_.join();
  EXPECT_EQ(asked, R"({"protocol":1,"ask":"register","key":"k","pid":9,"tier":"lsm"})");
}

TEST_F(AgentClientTest, SaysThatNobodyIsThereAndHowToStartOne) {
  EXPECT_NE(Why().find("does not answer: connect to"), std::string::npos) << Why();
  EXPECT_NE(AskAgent(paths_).error().hint.find("systemctl start runward-agent"), std::string::npos);
}

TEST_F(AgentClientTest, RefusesNonsense) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's agent is believed";
  for (const char* answer : {"", "hello", "[]", "{}", R"({"ok":1})", R"({"ok":true})",
                             R"({"ok":true,"tier":"","pid":1,"containers":1})"}) {
    Answer(answer);
    EXPECT_NE(Why(), "") << answer;
    server_.join();
    fs::remove(AgentSocket(paths_));
  }
}

TEST_F(AgentClientTest, TakesNoPartOfTheFilesystemsForAll) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's agent is believed";
  Serve([](int client, const std::string&) {
    const std::array files = {client};
    (void)SendDescriptors(client, R"({"ok":true,"rootfs":"/r","directories":["/a","/b"]})", files);
  });
  EXPECT_FALSE(AskForFilesystems(paths_, std::string(64, 'a'), getpid()).ok());
}

TEST_F(AgentClientTest, WaitsNoLongerThanItsBound) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's agent is believed";
  listener_ = Listen(1);  // takes the connection and never answers
  const auto before = std::chrono::steady_clock::now();
  EXPECT_NE(Why().find("no answer within 10 seconds"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(15));
}

}  // namespace
}  // namespace runward
