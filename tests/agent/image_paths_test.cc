#include "agent/image_paths.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;

class ImagePathsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "paths_XXXXXX";
    top_ = mkdtemp(name.data());
    for (const char* directory : {"/low/etc", "/base/usr/bin", "/base/etc", "/base/opt"}) {
      fs::create_directories(top_ + directory);
    }
    for (const char* file : {"/base/usr/bin/nc.old", "/base/usr/bin/nc.new", "/base/opt/gone"}) {
      std::ofstream(top_ + file) << "x";
    }
    fs::create_symlink("usr/bin", top_ + "/base/bin");
    fs::create_symlink("/etc/nc", top_ + "/base/usr/bin/nc");
    fs::create_symlink("/usr/bin/nc.old", top_ + "/base/etc/nc");
    fs::create_symlink("/usr/bin/nc.new", top_ + "/low/etc/nc");
    fs::create_symlink("/../../../etc/passwd", top_ + "/base/opt/out");
  }
  void TearDown() override { fs::remove_all(top_); }

  std::string Find(const std::string& path) {
    const auto file = paths().Find(path);
    if (!file) return "none";
    struct stat info {};
    const bool there = stat((top_ + "/base" + file->path).c_str(), &info) == 0;
    EXPECT_TRUE(there && info.st_ino == file->inode) << path;
    return file->path;
  }
  ImagePaths& paths() {
    if (!paths_) paths_.emplace(std::vector<std::string>{top_ + "/low", top_ + "/base"});
    return *paths_;
  }

  std::string top_;
  std::optional<ImagePaths> paths_;
};

TEST_F(ImagePathsTest, FollowsTheLinksOfTheTopmostLayer) {
  EXPECT_EQ(Find("/bin/nc"), "/usr/bin/nc.new");
  EXPECT_EQ(Find("/usr/bin/nc.old"), "/usr/bin/nc.old");
  EXPECT_EQ(Find("/bin"), "none");
  EXPECT_EQ(Find("/no/such"), "none");
  EXPECT_EQ(Find("/opt/out"), "none");  // stays in the image
}

TEST_F(ImagePathsTest, WhatALayerRemovedIsNotThere) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  fs::create_directories(top_ + "/low/opt");
  ASSERT_EQ(mknod((top_ + "/low/opt/gone").c_str(), S_IFCHR, makedev(0, 0)), 0);
  EXPECT_EQ(Find("/opt/gone"), "none");
}

TEST_F(ImagePathsTest, TheEntriesOfADirectoryAreThoseOfAllLayers) {
  std::ofstream(top_ + "/low/etc/more") << "x";
  EXPECT_THAT(paths().Entries("/bin"), testing::IsSupersetOf({"nc", "nc.old", "nc.new"}));
  EXPECT_THAT(paths().Entries("/etc"), testing::IsSupersetOf({"nc", "more"}));
  EXPECT_THAT(paths().Entries("/"), testing::IsSupersetOf({"bin", "usr", "opt"}));
  EXPECT_TRUE(paths().Entries("/no/such").empty());
}

}  // namespace
}  // namespace runward
