#include "base/control_groups.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace runward {
namespace {

TEST(UnifiedHierarchy, IsWhereGroupsListTheirControllers) {
  const std::string place = UnifiedHierarchy();
  if (place.empty()) GTEST_SKIP() << "the unified hierarchy is not mounted";
  EXPECT_EQ(access((place + "/cgroup.controllers").c_str(), R_OK), 0) << place;
}

}  // namespace
}  // namespace runward
