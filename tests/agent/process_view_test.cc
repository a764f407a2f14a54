#include "agent/process_view.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace runward {
namespace {

TEST(ProcessView, SeesThisProcess) {
  EXPECT_NE(PidNamespaceOf(getpid()), 0U);
  EXPECT_NE(MountNamespaceOf(getpid()), 0U);
  const auto status = StatusOf(getpid());
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->process, getpid());
  EXPECT_EQ(status->parent, getppid());
  EXPECT_EQ(status->uid, geteuid());
  EXPECT_EQ(status->gid, getegid());
  EXPECT_EQ(status->command, CommandNameOf(getpid()));
}

TEST(ProcessView, NumbersUsersByAMap) {
  const std::string map = "         0     100000      65536\n     70000       1500          1\n";
  EXPECT_EQ(UserInMap(map, 100005), 5U);
  EXPECT_EQ(UserInMap(map, 1500), 70000U);
  EXPECT_FALSE(UserInMap(map, 165536).has_value());
  EXPECT_FALSE(UserInMap("", 0).has_value());
  EXPECT_EQ(UserInMap(UserMapOf(getpid()), geteuid()), geteuid());
}

TEST(ProcessView, SeesNothingOfAProcessThatIsGone) {
  constexpr pid_t kNobody = 1 << 30;
  EXPECT_EQ(PidNamespaceOf(kNobody), 0U);
  EXPECT_FALSE(StatusOf(kNobody).has_value());
  EXPECT_EQ(ControlGroupsOf(kNobody), "");
  EXPECT_TRUE(PidNamespacesAbove(kNobody).empty());
  EXPECT_EQ(UserMapOf(kNobody), "");
}

TEST(ProcessView, FindsTheUnifiedGroup) {
  EXPECT_EQ(UnifiedGroupOf("5:memory:/a\n"), 0U);
  EXPECT_EQ(UnifiedGroupOf("0::/\n"), 0U);
  EXPECT_EQ(UnifiedGroupOf("0::/runward-is-not-here\n"), 0U);
  EXPECT_FALSE(IsFirstOfNamespace(getpid()));
}

TEST(ProcessView, ComparesControlGroupsHierarchyByHierarchy) {
  const std::string container = "5:memory:/docker/a\n4:cpu:/\n0::/docker/a\n";
  EXPECT_TRUE(InControlGroup(container, container));
  EXPECT_TRUE(InControlGroup("5:memory:/docker/a/sub\n", container));
  EXPECT_TRUE(InControlGroup("0::/docker/a\n5:memory:/else\n", container));
  EXPECT_FALSE(InControlGroup("5:memory:/docker/ab\n4:cpu:/\n", container));
  EXPECT_FALSE(InControlGroup("4:cpu:/docker/a\n", container));
  EXPECT_FALSE(InControlGroup(container, "0::/\n"));
  EXPECT_FALSE(InControlGroup("", container));
}

TEST(ProcessView, FindsTheProcessesOfANamespace) {
  const std::vector<pid_t> found = ProcessesOf(PidNamespaceOf(getpid()), 100000);
  EXPECT_NE(std::ranges::find(found, getpid()), found.end());
  EXPECT_EQ(ProcessesOf(PidNamespaceOf(getpid()), 1).size(), 1U);
  EXPECT_TRUE(ProcessesOf(1, 10).empty());
}

}  // namespace
}  // namespace runward
