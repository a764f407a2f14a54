#include "agent/looks.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace runward {
namespace {

const std::string kKey(64, 'a');
const std::string kOther(64, 'b');

// What a keeper does with one who looks, and does not come back until `milliseconds` are over.
bool IsOverdue(Looks& looks, int seconds, int milliseconds) {
  const pid_t child = fork();
  if (child == 0) {
    const Looks::One look(looks, kKey, seconds);
    for (;;) pause();
  }
  pollfd over{.fd = looks.timer(), .events = POLLIN, .revents = 0};
  const bool told = poll(&over, 1, milliseconds) == 1;
  const bool overdue = told && looks.Overdue();
  EXPECT_EQ(told, overdue);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return overdue;
}

TEST(Looks, TheKeeperIsToldOfOneThatTakesTooLongAndTheNextWorkerOfWhomItWas) {
  Looks looks = Looks::Make().value();
  EXPECT_EQ(looks.Recover(), "");
  EXPECT_TRUE(IsOverdue(looks, 1, 10000));
  EXPECT_FALSE(looks.Held(kKey));
  EXPECT_EQ(looks.Recover(), kKey);
  EXPECT_TRUE(looks.Held(kKey));
  EXPECT_FALSE(looks.Held(kOther));
  EXPECT_EQ(looks.Recover(), "");
  EXPECT_TRUE(looks.Held(kKey));
}

TEST(Looks, WhoIsKilledWhileItLooksWasNotKeptWaiting) {
  Looks looks = Looks::Make().value();
  EXPECT_FALSE(IsOverdue(looks, 60, 50));
  EXPECT_EQ(looks.Recover(), "");
  EXPECT_FALSE(looks.Held(kKey));
  EXPECT_FALSE(looks.Overdue());
}

TEST(Looks, NobodyIsToldOfOneThatIsOver) {
  Looks looks = Looks::Make().value();
  { const Looks::One look(looks, kKey, 1); }
  pollfd over{.fd = looks.timer(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&over, 1, 1500), 0);
  EXPECT_EQ(looks.Recover(), "");
}

}  // namespace
}  // namespace runward
