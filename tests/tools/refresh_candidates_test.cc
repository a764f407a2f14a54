#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/refresh.h"

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Time At(int minute) { return Time{int64_t{minute} * 60'000'000'000}; }
constexpr int kNow = 1000;

StoredVerdict About(char image, const std::string& name, VerdictResult result, int minute,
                    const std::string& payload) {
  StoredVerdict one;
  Verdict verdict;
  verdict.result = result;
  verdict.time_verified = At(minute);
  verdict.resource_uri = name;
  verdict.subjects = {Digest::FromHex(std::string(64, image)).value()};
  one.checked.verdict = verdict;
  one.checked.key = "ci";
  one.checked.payload_sha256 = payload;
  return one;
}

StoredVerdict Passed(char image, const std::string& name, int minute, const std::string& payload) {
  return About(image, name, VerdictResult::kPassed, minute, payload);
}

struct Chosen {
  std::vector<std::string> free;
  std::vector<std::string> held;
  std::string why;
};

Chosen Choose(const std::vector<StoredVerdict>& stored) {
  Chosen chosen;
  for (const RefreshCandidate& one : RefreshCandidates(stored, At(kNow))) {
    (one.obstacle.empty() ? chosen.free : chosen.held)
        .push_back(one.verdict->checked.payload_sha256);
    chosen.why += one.obstacle;
  }
  return chosen;
}

TEST(RefreshCandidates, TheNewestOfANameStandsForIt) {
  const Chosen chosen =
      Choose({Passed('a', "web:1", 1, "old"), Passed('a', "web:1", 3, "new"),
              Passed('a', "web:2", 2, "other name"), Passed('b', "web:1", 1, "other image")});
  EXPECT_THAT(chosen.free, ElementsAre("new", "other image", "other name"));
  EXPECT_THAT(chosen.held, IsEmpty());
}

TEST(RefreshCandidates, OfOneMomentTheOneThatPermitsLess) {
  const Chosen chosen = Choose({About('a', "web:1", VerdictResult::kFailed, 1, "failed"),
                                Passed('a', "web:1", 1, "passed")});
  EXPECT_THAT(chosen.free, ElementsAre("failed"));
}

TEST(RefreshCandidates, ARevocationIsNotLifted) {
  const Chosen whole = Choose(
      {Passed('a', "web:1", 1, "old"), About('a', "", VerdictResult::kRevoked, 2, "revocation")});
  EXPECT_THAT(whole.free, IsEmpty());
  EXPECT_THAT(whole.held, ElementsAre("old"));
  EXPECT_THAT(whole.why, HasSubstr("revoked"));
  const Chosen lifted = Choose(
      {Passed('a', "web:1", 3, "newer"), About('a', "", VerdictResult::kRevoked, 2, "revocation")});
  EXPECT_THAT(lifted.free, ElementsAre("newer"));
  StoredVerdict single = About('a', "", VerdictResult::kRevoked, 9, "revocation");
  single.checked.verdict->revokes = {"new"};
  const Chosen rest =
      Choose({Passed('a', "web:1", 1, "old"), Passed('a', "web:1", 3, "new"), single});
  EXPECT_THAT(rest.free, ElementsAre("old")) << "as at a start, what is revoked replaces nothing";
}

TEST(RefreshCandidates, ANewerNoOfAnotherNameIsNotLifted) {
  const StoredVerdict no = About('a', "web:2", VerdictResult::kFailed, 2, "no");
  const Chosen chosen = Choose({Passed('a', "web:1", 1, "old"), no});
  EXPECT_THAT(chosen.held, ElementsAre("old"));
  EXPECT_THAT(chosen.why, HasSubstr("FAILED as \"web:2\", by key \"ci\""));
  EXPECT_THAT(chosen.free, ElementsAre("no"));
  EXPECT_THAT(Choose({Passed('a', "web:1", 3, "newer"), no}).held, IsEmpty());
  EXPECT_THAT(Choose({Passed('b', "web:1", 1, "another image"), no}).held, IsEmpty());
}

TEST(RefreshCandidates, WhatLiesInTheFutureIsLeft) {
  EXPECT_THAT(Choose({Passed('a', "web:1", kNow + 10, "future")}).held, ElementsAre("future"));
  EXPECT_THAT(Choose({Passed('a', "web:1", kNow + 1, "skew")}).free, ElementsAre("skew"));
}

}  // namespace
}  // namespace runward
