#include "policy/host_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::Contains;
using ::testing::Not;

TEST(Location, LiesBeneathAnotherOnTheSameFilesystem) {
  const Location outer{"8:1", "/a"};
  EXPECT_TRUE(Beneath({"8:1", "/a"}, outer));
  EXPECT_TRUE(Beneath({"8:1", "/a/b"}, outer));
  EXPECT_TRUE(Beneath({"8:1", "/x"}, {"8:1", "/"}));
  EXPECT_TRUE(Beneath({"8:1", "/"}, {"8:1", "/"}));
  EXPECT_FALSE(Beneath({"8:1", "/ab"}, outer));
  EXPECT_FALSE(Beneath({"8:1", "/"}, outer));
  EXPECT_FALSE(Beneath({"8:2", "/a/b"}, outer));
}

TEST(PlacesOf, AreThoseThatMountsAreJudgedBy) {
  EXPECT_TRUE(PlacesOf(RunRule{}).empty());
  RunRule rule;
  rule.denied_sources = {"@bpf", "/srv"};
  rule.allowed_sources = {"/srv/a"};
  const std::vector<std::string_view> places = PlacesOf(rule);
  for (const char* path : {"/sys/fs/bpf", "/srv", "/srv/a", "/var/lib/docker"}) {
    EXPECT_THAT(places, Contains(path));
  }
  EXPECT_THAT(places, Not(Contains("@bpf")));
}

}  // namespace
}  // namespace runward
