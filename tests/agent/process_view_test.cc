#include "agent/process_view.h"

#include <gtest/gtest.h>
#include <unistd.h>

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
  EXPECT_EQ(UserInside(getpid(), geteuid()), geteuid());
}

TEST(ProcessView, SeesNothingOfAProcessThatIsGone) {
  constexpr pid_t kNobody = 1 << 30;
  EXPECT_EQ(PidNamespaceOf(kNobody), 0U);
  EXPECT_FALSE(StatusOf(kNobody).has_value());
  EXPECT_EQ(ControlGroupsOf(kNobody), "");
  EXPECT_TRUE(PidNamespacesAbove(kNobody).empty());
  EXPECT_FALSE(UserInside(kNobody, 0).has_value());
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

}  // namespace
}  // namespace runward
