#include "agent/told_tries.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

constexpr int64_t kMs = 1'000'000;
const ToldTries::File kNc{.inode = 2, .name = "/bin/nc"};
const ToldTries::File kScript{.inode = 3, .name = "/opt/script"};

TEST(ToldTries, AreOnceWhatTheyAre) {
  ToldTries told;
  told.Told(7, kNc, 10 * kMs);
  EXPECT_TRUE(told.AlsoOpened(7, kNc, 11 * kMs));
  EXPECT_FALSE(told.AlsoOpened(7, kNc, 12 * kMs));  // opened to be read
  EXPECT_TRUE(told.AlsoExecuted(7, kNc, 13 * kMs));
  EXPECT_FALSE(told.AlsoExecuted(7, kNc, 14 * kMs));
}

TEST(ToldTries, OfAScriptEndWithItsInterpreter) {
  ToldTries told;
  told.Told(7, kScript, 10 * kMs);
  EXPECT_TRUE(told.AlsoExecuted(7, {.inode = 9, .name = "script"}, 11 * kMs));
}

TEST(ToldTries, AreNobodyElses) {
  ToldTries told;
  told.Told(7, kNc, 10 * kMs);
  EXPECT_FALSE(told.AlsoOpened(8, kNc, 11 * kMs));
  EXPECT_FALSE(told.AlsoExecuted(8, kNc, 11 * kMs));
  EXPECT_FALSE(told.AlsoExecuted(7, {.inode = 4, .name = "nc2"}, 11 * kMs));
  EXPECT_FALSE(told.AlsoExecuted(7, kNc, 9 * kMs));     // an earlier one
  EXPECT_FALSE(told.AlsoExecuted(7, kNc, 1011 * kMs));  // a later one
}

TEST(ToldTries, AreForgottenAndBounded) {
  ToldTries told;
  told.Told(7, kNc, 10 * kMs);
  told.Forget(5011 * kMs);
  EXPECT_FALSE(told.AlsoExecuted(7, kNc, 12 * kMs));
  for (uint64_t i = 0; i < 20000; ++i) told.Told(i, kNc, 10 * kMs);
  EXPECT_TRUE(told.AlsoExecuted(16383, kNc, 11 * kMs));
  EXPECT_FALSE(told.AlsoExecuted(16384, kNc, 11 * kMs));
}

}  // namespace
}  // namespace runward
