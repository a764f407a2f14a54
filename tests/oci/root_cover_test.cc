#include "oci/root_cover.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace runward {
namespace {

class RootCoverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "runward-cover-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = std::filesystem::canonical(name);
    std::filesystem::create_directories(root_ + "/a/b");
    std::filesystem::create_directories(root_ + "/run");
    std::filesystem::create_directory_symlink("/", root_ + "/slash");
    std::filesystem::create_directory_symlink("..", root_ + "/a/up");
    std::filesystem::create_directory_symlink("/run", root_ + "/a/run");
    std::filesystem::create_directory_symlink("/loop", root_ + "/loop");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  RootCover Find(const std::vector<SpecMount>& mounts) {
    return FindRootCover({.mounts = mounts, .own_mount_namespace = true}, root_);
  }

  std::string root_;
};

TEST_F(RootCoverTest, OrdinaryMountsLeaveTheRootAlone) {
  const RootCover cover = Find({{.destination = "/proc"},
                                {.destination = "/dev", .settled = true},
                                {.destination = "/dev/shm", .settled = true},
                                {.destination = "/sys", .settled = true},
                                {.destination = "/sys/fs/cgroup", .settled = true},
                                {.destination = "/a/b/c/d"},
                                {.destination = "a"},
                                {.destination = "/etc/hosts"}});
  EXPECT_EQ(cover.why, "");
  EXPECT_FALSE(cover.uncertain);
}

TEST_F(RootCoverTest, FindsADestinationThatIsTheRoot) {
  for (const char* destination : {"", "/", ".", "/..", "/a/..", "//", "/slash", "/slash/slash",
                                  "/a/up", "/a/up/a/up", "/nowhere/.."}) {
    EXPECT_NE(Find({{.destination = "/proc"}, {.destination = destination}}).why, "")
        << destination;
  }
}

TEST_F(RootCoverTest, DoesNotGuessWhatCannotBeFoundOut) {
  EXPECT_NE(Find({{.destination = "/loop/x"}}).why, "");
}

TEST_F(RootCoverTest, AMountInsideOneThatIsNotSettledIsUncertain) {
  const SpecMount volume{.destination = "/v"};
  EXPECT_TRUE(Find({volume, {.destination = "/v/x", .settled = true}}).uncertain);
  EXPECT_TRUE(Find({{.destination = "/run"}, {.destination = "/a/run/new"}}).uncertain);
  EXPECT_TRUE(Find({{.destination = "/proc"}, {.destination = "/proc/self/root"}}).uncertain);
  EXPECT_FALSE(Find({{.destination = "/v", .settled = true}, {.destination = "/v/x"}}).uncertain);
  EXPECT_FALSE(Find({{.destination = "/v/x"}, volume}).uncertain);
  EXPECT_FALSE(Find({volume, {.destination = "/vv"}}).uncertain);
}

TEST_F(RootCoverTest, AMountWhoseWayDependsOnWhatLiesThereIsUncertain) {
  std::filesystem::create_directory_symlink("/nowhere", root_ + "/dangling");
  for (const char* destination :
       {"/slash/x", "/a/up/x", "/a/run", "/dangling", "/dangling/x", "/a/b/../c", "/a/./../b"}) {
    const RootCover cover = Find({{.destination = destination, .settled = true}});
    EXPECT_EQ(cover.why, "") << destination;
    EXPECT_TRUE(cover.uncertain) << destination;
  }
  for (const char* destination : {"/a", "/a/b/./c", "/..a", "/new/place", "//a//b/"}) {
    EXPECT_FALSE(Find({{.destination = destination}}).uncertain) << destination;
  }
}

TEST_F(RootCoverTest, AnotherMountNamespaceIsNotJudged) {
  EXPECT_NE(FindRootCover({.own_mount_namespace = false}, root_).why, "");
  EXPECT_NE(FindRootCover({.own_mount_namespace = true}, root_ + "/nowhere").why, "");
}

}  // namespace
}  // namespace runward
