#include "agent/seccomp_listener.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include "tests/agent/notified_child.h"

namespace runward {
namespace {

using test::Executing;
using test::NotifiedChild;

class SeccompListenerTest : public ::testing::Test {
 protected:
  UniqueFd memory_ = CallReceiver::MakeMemory().value();
  CallReceiver receiver_ = CallReceiver::Over(memory_.get()).value();
};

TEST_F(SeccompListenerTest, TellsOfACallAndGivesTheAnswer) {
  NotifiedChild child([] {
    if (Executing("/no/such") != ELOOP) return 1;
    return Executing("/no/such") == ENOENT ? 0 : 2;
  });
  EXPECT_TRUE(IsSeccompListener(child.listener()));
  EXPECT_FALSE(IsSeccompListener(memory_.get()));
  PreferOneProcessor(child.listener());
  for (const int error : {ELOOP, 0}) {
    ASSERT_TRUE(child.Asks());
    const auto call = receiver_.Take(child.listener());
    ASSERT_TRUE(call.has_value());
    EXPECT_EQ(call->task, child.pid());
    EXPECT_EQ(call->number, SYS_execve);
    EXPECT_TRUE(StillWaits(child.listener(), call->id));
    EXPECT_FALSE(StillWaits(child.listener(), call->id + 1));
    EXPECT_TRUE(receiver_.Answer(child.listener(), call->id, error));
    EXPECT_FALSE(StillWaits(child.listener(), call->id));
    EXPECT_FALSE(receiver_.Left().has_value());
  }
  EXPECT_EQ(child.Status(), 0);
  EXPECT_FALSE(receiver_.Take(child.listener()).has_value());
}

TEST_F(SeccompListenerTest, LeavesASuccessorWhatItDidNotAnswer) {
  NotifiedChild child([] { return Executing("/no/such"); });
  ASSERT_TRUE(child.Asks());
  const auto call = receiver_.Take(child.listener());
  ASSERT_TRUE(call.has_value());
  CallReceiver next = CallReceiver::Over(memory_.get()).value();
  const auto left = next.Left();
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->id, call->id);
  EXPECT_EQ(left->args, call->args);
  EXPECT_TRUE(next.Answer(child.listener(), left->id, EPERM));
  EXPECT_EQ(child.Status(), EPERM);
  EXPECT_FALSE(receiver_.Left().has_value());
}

TEST_F(SeccompListenerTest, SaysWhenNobodyWaitsAnyMore) {
  NotifiedChild child([] { return Executing("/no/such"); });
  ASSERT_TRUE(child.Asks());
  const auto call = receiver_.Take(child.listener());
  ASSERT_TRUE(call.has_value());
  kill(child.pid(), SIGKILL);
  EXPECT_EQ(child.Status(), -1);
  EXPECT_FALSE(receiver_.Answer(child.listener(), call->id, 0));
}

}  // namespace
}  // namespace runward
