#include "oci/start_root.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace runward {
namespace {

class StartRootTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: a root filesystem must be root's";
    // Not in /tmp, which everybody can write.
    std::string name = "/run/runward-root-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    std::filesystem::create_directories(directory_ + "/rootfs");
    std::filesystem::create_directory_symlink("rootfs", directory_ + "/link");
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  StartRoot Look(const std::string& rootfs, bool own_mount_namespace = true) {
    const Spec spec{
        .rootfs = rootfs, .own_mount_namespace = own_mount_namespace, .unsigned_name = "called/so"};
    return LookAtRoot(spec, *ContainerId::Parse("c1")).value();
  }

  std::string directory_;
};

TEST_F(StartRootTest, IsResolvedAndHasItsName) {
  const StartRoot root = Look(directory_ + "/rootfs");
  EXPECT_EQ(root.rootfs, directory_ + "/rootfs");
  EXPECT_EQ(root.cover.why, "");
  EXPECT_EQ(root.image.rootfs, directory_ + "/rootfs");
  EXPECT_EQ(root.image.unsigned_name, "called/so");
}

TEST_F(StartRootTest, HasNoIdentityUnderACover) {
  for (const StartRoot& root :
       {Look(directory_ + "/link"), Look(directory_ + "/gone"), Look(directory_ + "/rootfs", false),
        Look(directory_ + "/rootfs/../link")}) {
    EXPECT_NE(root.cover.why, "");
    EXPECT_EQ(root.image.why, root.cover.why);
    EXPECT_FALSE(root.image.chain.has_value());
    EXPECT_EQ(root.image.rootfs, "");
    EXPECT_EQ(root.image.unsigned_name, "called/so");
  }
}

}  // namespace
}  // namespace runward
