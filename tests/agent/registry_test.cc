#include "agent/registry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/process_view.h"

namespace runward {
namespace {

Watched Make(const std::string& key, uint64_t pid_namespace, uint64_t mount_namespace = 1) {
  Watched container;
  container.key = key;
  container.pid_namespace = pid_namespace;
  container.mount_namespace = mount_namespace;
  container.control_groups = "0::/nobody/" + key + "\n";
  return container;
}

TEST(Registry, FindsReplacesAndRemovesByKey) {
  Registry registry;
  registry.Add(Make("a", 5));
  registry.Add(Make("b", 6));
  registry.Add(Make("a", 7));
  EXPECT_EQ(registry.size(), 2U);
  EXPECT_EQ(registry.Find("a")->pid_namespace, 7U);
  EXPECT_EQ(registry.Find("c"), nullptr);
  registry.Remove("a");
  registry.Remove("a");
  EXPECT_EQ(registry.Find("a"), nullptr);
  EXPECT_EQ(registry.size(), 1U);
}

TEST(Registry, ATaskOfTheHostIsInNoContainerUnlessItsGroupOrMountsSaySo) {
  Registry registry;
  registry.Add(Make("own", 5));
  registry.Add(Make("host", PidNamespaceOf(getpid())));
  EXPECT_TRUE(registry.Of(getpid()).empty());
  registry.Add(Make("mounts", PidNamespaceOf(getpid()), MountNamespaceOf(getpid())));
  const auto found = registry.Of(getpid());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front()->key, "mounts");
}

TEST(Registry, NobodyKnowsATaskThatIsGone) {
  Registry registry;
  registry.Add(Make("a", 5));
  EXPECT_TRUE(registry.Of(1 << 30).empty());
}

}  // namespace
}  // namespace runward
