#include "agent/denied_account.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

constexpr DeniedPlace kDefault{.ingress = false, .rule = -1};
constexpr DeniedPlace kFirst{.ingress = true, .rule = 0};

TEST(DeniedAccount, OfAnAgentThatBeginsLaterIsAllThatWasCounted) {
  DeniedAccount account;
  EXPECT_EQ(account.Begin({{kDefault, 7}, {kFirst, 0}}), (DeniedTotals{{kDefault, 7}}));
  EXPECT_EQ(account.Missing({{kDefault, 7}, {kFirst, 0}}), DeniedTotals());
  EXPECT_TRUE(account.settled());
}

TEST(DeniedAccount, OfAnAgentThatResumesIsWhatWasCountedMeanwhile) {
  DeniedAccount account({{kDefault, 5}});
  EXPECT_EQ(account.Begin({{kDefault, 7}, {kFirst, 2}}),
            (DeniedTotals{{kDefault, 2}, {kFirst, 2}}));
}

TEST(DeniedAccount, WhatWaitsInTheLogIsNotMissing) {
  DeniedAccount account;
  account.Begin({});
  account.Saw(kDefault, 8);
  EXPECT_FALSE(account.settled());
  EXPECT_EQ(account.Missing({{kDefault, 10}}), DeniedTotals());
  EXPECT_FALSE(account.settled());
  account.Saw(kDefault, 2);
  EXPECT_EQ(account.Missing({{kDefault, 10}}), DeniedTotals());
  EXPECT_TRUE(account.settled());
}

TEST(DeniedAccount, WhatNeverCameIsMissingOnce) {
  DeniedAccount account;
  account.Begin({});
  account.Saw(kDefault, 8);
  EXPECT_EQ(account.Missing({{kDefault, 1000}}), DeniedTotals());
  account.Saw(kDefault, 3);
  EXPECT_EQ(account.Missing({{kDefault, 1003}}), (DeniedTotals{{kDefault, 989}}));
  EXPECT_EQ(account.Missing({{kDefault, 1003}}), (DeniedTotals{{kDefault, 3}}));
  EXPECT_EQ(account.Missing({{kDefault, 1003}}), DeniedTotals());
  EXPECT_TRUE(account.settled());
}

TEST(DeniedAccount, AtTheEndNothingIsWaitedFor) {
  DeniedAccount account;
  account.Begin({});
  account.Saw(kDefault, 8);
  EXPECT_EQ(account.Missing({{kDefault, 10}}, /*last=*/true), (DeniedTotals{{kDefault, 2}}));
}

TEST(DeniedAccount, OtherRulesCountFromTheBeginning) {
  DeniedAccount account;
  account.Begin({{kDefault, 100}});
  EXPECT_EQ(account.Missing({{kDefault, 4}}), DeniedTotals());
  EXPECT_EQ(account.told().at(kDefault), 4U);
  account.Restart();
  EXPECT_TRUE(account.told().empty());
  EXPECT_EQ(account.Missing({{kDefault, 1}}), DeniedTotals());
  EXPECT_EQ(account.Missing({{kDefault, 1}}), (DeniedTotals{{kDefault, 1}}));
}

}  // namespace
}  // namespace runward
