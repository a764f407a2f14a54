#include "policy/mount_groups.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/words.h"

namespace runward {
namespace {

TEST(MountGroups, AreSortedWithCleanPathsAndHelp) {
  EXPECT_TRUE(std::ranges::is_sorted(MountGroups(), {}, &MountGroup::name));
  for (const MountGroup& group : MountGroups()) {
    EXPECT_TRUE(group.name.starts_with('@') && group.help.ends_with('.')) << group.name;
    EXPECT_TRUE(std::ranges::is_sorted(group.paths)) << group.name;
    EXPECT_EQ(group.paths.empty(), group.name == kOwnGroup) << group.name;
    for (std::string_view path : group.paths) EXPECT_TRUE(IsWord(Shape::kHostPath, path)) << path;
  }
}

TEST(MountGroups, AreFoundByName) {
  EXPECT_NE(FindMountGroup("@host"), nullptr);
  EXPECT_EQ(FindMountGroup("host"), nullptr);
  EXPECT_EQ(FindMountGroup(""), nullptr);
}

TEST(EngineFiles, LieTogetherByDirectoryAndHaveTails) {
  EXPECT_TRUE(std::ranges::is_sorted(EngineFiles(), {}, &EngineFile::directory));
  for (const EngineFile& file : EngineFiles()) {
    EXPECT_TRUE(IsWord(Shape::kHostPath, file.directory)) << file.directory;
    EXPECT_FALSE(file.tail.empty() || file.tail.starts_with('/')) << file.tail;
  }
}

TEST(EngineSockets, AreKnownByName) {
  EXPECT_TRUE(IsEngineSocketName("docker.sock"));
  EXPECT_TRUE(IsEngineSocketName("podman.sock"));
  EXPECT_FALSE(IsEngineSocketName("app.sock"));
  EXPECT_FALSE(IsEngineSocketName(""));
}

}  // namespace
}  // namespace runward
