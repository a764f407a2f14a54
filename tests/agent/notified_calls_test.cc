#include "agent/notified_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "base/descriptors.h"
#include "oci/agent_client.h"
#include "tests/agent/notified_child.h"

namespace runward {
namespace {

using test::Executing;
using test::NotifiedChild;

class NotifiedCallsTest : public ::testing::Test {
 protected:
  NotifiedCallsTest() { calls_.emplace(NotifiedCalls::Over(ends_).value()); }
  ~NotifiedCallsTest() override { (void)!system(("rm -rf " + directory_).c_str()); }

  // As a runtime does it.
  [[nodiscard]] UniqueFd Connect() const {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    CallSocket(paths_).copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  void HandOver(UniqueFd listener, const std::string& state) {
    Send(Connect(), std::move(listener), state);
  }
  static void Send(const UniqueFd& fd, UniqueFd listener, const std::string& state) {
    const std::array files = {listener.get()};
    ASSERT_GT(SendDescriptors(fd.get(), state, files), 0);
  }

  NotifiedCalls::Judge Judge(int error) {
    return [this, error](const CallOrigin& origin, const NotifiedCall& call,
                         const std::function<bool()>& waits) {
      EXPECT_TRUE(waits());
      EXPECT_GT(call.task, 0);
      asked_.push_back((origin.audited ? "audit " : "enforce ") + origin.key);
      return CallRuling{.error = error, .then = [this] { ++told_; }};
    };
  }
  // What there is to do, for at most five seconds, until `done`.
  void ServeUntil(int error, const std::function<bool()>& done) {
    for (int turn = 0; turn < 500 && !done(); ++turn) {
      pollfd ready{.fd = calls_->fd(), .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 10) == 1) calls_->Serve(Judge(error));
    }
    EXPECT_TRUE(done());
  }

  std::string directory_ = [] {
    char name[] = "/tmp/calls.XXXXXX";
    return std::string(mkdtemp(name));
  }();
  Paths paths_ = [this] {
    Paths paths = PathsFor(directory_);
    paths.run = directory_;
    return paths;
  }();
  CallEnds ends_ = MakeCallEnds(paths_).value();
  std::optional<NotifiedCalls> calls_;
  std::vector<std::string> asked_;
  int told_ = 0;
};

TEST_F(NotifiedCallsTest, AnswersForTheContainerThatTheListenerIsOf) {
  NotifiedChild child([] { return Executing("/no/such"); });
  HandOver(child.TakeListener(), R"({"fds":["seccompFd"],"metadata":"audit 0123","state":{}})");
  ServeUntil(ELOOP, [&] { return told_ == 1; });
  EXPECT_EQ(child.Status(), ELOOP);
  EXPECT_THAT(asked_, ::testing::ElementsAre("audit 0123"));
  // Its last process has ended.
  ServeUntil(0, [&] { return calls_->size() == 0; });
  calls_->Tick();
  EXPECT_EQ(NotifiedCalls::Over(ends_).value().size(), 0U);
}

TEST_F(NotifiedCallsTest, ARuntimeMayHaveEndedOnceItHasHandedItsListenerOver) {
  NotifiedChild child([] { return Executing("/no/such"); });
  const pid_t runtime = fork();
  if (runtime == 0) {
    HandOver(child.TakeListener(), R"({"metadata":"enforce 0123"})");
    _exit(HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(runtime, &status, 0), runtime);
  ASSERT_EQ(status, 0);
  (void)child.TakeListener();
  ServeUntil(ELOOP, [&] { return told_ == 1; });
  EXPECT_EQ(child.Status(), ELOOP);
}

TEST_F(NotifiedCallsTest, AListenerMayComeLongAfterItsConnectionAndToASuccessor) {
  UniqueFd connection = Connect();
  for (int turn = 0; turn < 3; ++turn) {
    calls_->Serve(Judge(0));
    calls_->Tick();
  }
  calls_.emplace(NotifiedCalls::Over(ends_).value());
  NotifiedChild child([] { return Executing("/no/such"); });
  Send(connection, child.TakeListener(), R"({"metadata":"enforce 0123"})");
  {  // dies when it has seen it, and before it could put everything in order
    NotifiedCalls dying = NotifiedCalls::Over(ends_).value();
    dying.Serve(Judge(0));
  }
  calls_.emplace(NotifiedCalls::Over(ends_).value());
  ServeUntil(ELOOP, [&] { return told_ == 1; });
  EXPECT_EQ(child.Status(), ELOOP);
  EXPECT_EQ(calls_->size(), 1U);
  // Neither is kept when it is over.
  connection = {};
  ServeUntil(0, [&] { return calls_->size() == 0; });
  for (int turn = 0; turn < 3; ++turn) {
    calls_->Serve(Judge(0));
    calls_->Tick();
  }
  char byte = 0;
  EXPECT_LT(recv(ends_.shelf.out.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK), 0);
}

TEST_F(NotifiedCallsTest, ASuccessorGoesOnWithListenersAndWithWhatWasTaken) {
  NotifiedChild child([] {
    if (Executing("/no/such") != ELOOP) return 1;
    return Executing("/no/such") == EPERM ? 0 : 2;
  });
  const UniqueFd listener(fcntl(child.listener(), F_DUPFD_CLOEXEC, 0));
  HandOver(child.TakeListener(), R"({"metadata":"enforce 0123"})");
  ServeUntil(0, [&] { return calls_->size() == 1; });
  {  // dies with a call that it has taken
    CallReceiver receiver = CallReceiver::Over(ends_.memory.get()).value();
    pollfd ready{.fd = listener.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&ready, 1, 5000), 1);
    ASSERT_TRUE(receiver.Take(listener.get()).has_value());
  }
  calls_.reset();
  calls_.emplace(NotifiedCalls::Over(ends_).value());
  EXPECT_EQ(calls_->size(), 1U);
  calls_->Resume(Judge(ELOOP));
  EXPECT_EQ(told_, 1);
  calls_->Resume(Judge(ELOOP));
  EXPECT_EQ(told_, 1);
  ServeUntil(EPERM, [&] { return told_ == 2; });
  EXPECT_EQ(child.Status(), 0);
}

TEST_F(NotifiedCallsTest, WhatIsNoListenerIsClosedAndNobodyWaits) {
  for (const char* state : {"", "x", "{}", R"({"metadata":7})", R"({"metadata":"enforce k"})"}) {
    if (*state == '\0') continue;
    HandOver(UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)), state);
  }
  for (int turn = 0; turn < 20; ++turn) calls_->Serve(Judge(0));
  EXPECT_EQ(calls_->size(), 0U);
  // One without a word of whose it is is nobody's: the judge is asked, and knows no such container.
  NotifiedChild child([] { return Executing("/no/such"); });
  HandOver(child.TakeListener(), "nonsense");
  ServeUntil(EPERM, [&] { return told_ == 1; });
  EXPECT_THAT(asked_, ::testing::ElementsAre("enforce "));
  EXPECT_EQ(child.Status(), EPERM);
}

}  // namespace
}  // namespace runward
