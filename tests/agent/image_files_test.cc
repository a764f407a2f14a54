#include "agent/image_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/mount_view.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

// A real overlay in this process' own mount namespace.
class ImageFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) GTEST_SKIP() << "needs root";
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    std::string name = testing::TempDir() + "image_XXXXXX";
    top_ = fs::canonical(mkdtemp(name.data()));
    // An overlay cannot lie upon every filesystem; upon this one it can.
    if (mount("tmpfs", top_.c_str(), "tmpfs", 0, nullptr) != 0) GTEST_SKIP() << "needs a tmpfs";
    for (const char* name_of : {"low", "base", "up", "work", "root"}) {
      fs::create_directory(top_ + "/" + name_of);
    }
    Write("/low/tool");
    Write("/base/old");
    fs::create_directory(top_ + "/base/dir");
    Write("/base/dir/tool");
    options_ = "lowerdir=" + top_ + "/low:" + top_ + "/base,upperdir=" + top_ +
               "/up,workdir=" + top_ + "/work";
    if (mount("overlay", Root().c_str(), "overlay", 0, options_.c_str()) != 0) {
      GTEST_SKIP() << "no overlay here";
    }
    Mount root{.point = Root(), .type = "overlay", .super = options_};
    auto files = ImageFiles::Of(root, Root());
    ASSERT_TRUE(files.ok()) << files.error().message;
    files_.emplace(std::move(files).value());
  }
  void TearDown() override {
    if (top_.empty()) return;
    umount2(Root().c_str(), MNT_DETACH);
    umount2(top_.c_str(), MNT_DETACH);
    fs::remove_all(top_);
  }

  [[nodiscard]] std::string Root() const { return top_ + "/root"; }
  void Write(const std::string& path) const { std::ofstream(top_ + path) << "x"; }
  UniqueFd Open(const std::string& path) const {
    return UniqueFd(open((Root() + path).c_str(), O_RDONLY | O_CLOEXEC));
  }
  bool Contains(const std::string& path) {
    const UniqueFd file = Open(path);
    return file.valid() && files_->Contains(file.get(), path);
  }

  std::string top_;
  std::string options_;
  std::optional<ImageFiles> files_;
};

TEST_F(ImageFilesTest, ContainsWhatTheLayersHave) {
  EXPECT_TRUE(Contains("/tool"));
  EXPECT_TRUE(Contains("/tool"));  // as known
  EXPECT_TRUE(Contains("/old"));
  EXPECT_TRUE(Contains("/dir/tool"));
}

TEST_F(ImageFilesTest, DoesNotContainWhatWasWrittenCopiedUpRenamedOrRemoved) {
  Write("/root/new");
  EXPECT_FALSE(Contains("/new"));
  fs::permissions(Root() + "/tool", fs::perms(0700));  // copies it up
  EXPECT_FALSE(Contains("/tool"));
  fs::rename(Root() + "/old", Root() + "/moved");
  EXPECT_FALSE(Contains("/moved"));
  const UniqueFd removed = Open("/dir/tool");
  fs::remove(Root() + "/dir/tool");
  EXPECT_FALSE(files_->Contains(removed.get(), "/dir/tool"));
}

TEST_F(ImageFilesTest, AChangedFileDoesNotPassUnderANameOfTheImages) {
  // Copied up, it keeps its inode's number; its name in a directory that was made anew leaves no
  // whiteout when it goes.
  fs::permissions(Root() + "/dir/tool", fs::perms(0700));
  fs::rename(Root() + "/dir/tool", Root() + "/kept");
  fs::remove_all(Root() + "/dir");
  fs::create_directory(Root() + "/dir");
  fs::rename(Root() + "/kept", Root() + "/dir/tool");
  const UniqueFd file = Open("/dir/tool");
  EXPECT_FALSE(files_->Contains(file.get(), "/dir/tool"));
  fs::rename(Root() + "/dir/tool", Root() + "/away");
  EXPECT_FALSE(files_->Contains(file.get(), "/dir/tool"));
}

TEST_F(ImageFilesTest, DoesNotBelieveAPathThatIsNoneOfTheFiles) {
  const UniqueFd file = Open("/tool");
  for (const char* path : {"", "/", "tool", "/old", "/missing", "/tool (deleted)"}) {
    EXPECT_FALSE(files_->Contains(file.get(), path)) << path;
  }
}

TEST(ImageFiles, NeedsAnOverlay) {
  EXPECT_FALSE(ImageFiles::Of({.type = "ext4"}, "/r").ok());
  EXPECT_FALSE(ImageFiles::Of({.type = "overlay", .super = "lowerdir=/missing"}, "/r").ok());
}

TEST_F(ImageFilesTest, ALinkOfTheContainersLeadsAstray) {
  fs::create_symlink("dir", top_ + "/base/known");
  fs::create_symlink("../old", top_ + "/base/dir/up");
  umount2(Root().c_str(), MNT_DETACH);
  ASSERT_EQ(mount("overlay", Root().c_str(), "overlay", 0, options_.c_str()), 0);
  fs::create_symlink("/old", Root() + "/dir/planted");
  fs::create_symlink("round", Root() + "/round");
  fs::create_directory(Root() + "/mounted");
  ASSERT_EQ(mount("tmpfs", (Root() + "/mounted").c_str(), "tmpfs", 0, nullptr), 0);
  fs::create_symlink("/old", Root() + "/mounted/link");
  const UniqueFd root(open(Root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto astray = [&](const char* path) { return files_->LeadsAstray(root.get(), path); };
  for (const char* path : {"/tool", "/dir/tool", "/known/tool", "/known/up", "/dir/./../known/up",
                           "/missing/x", "/"}) {
    EXPECT_FALSE(astray(path)) << path;
  }
  for (const char* path : {"/dir/planted", "/known/planted", "/round", "/mounted/link"}) {
    EXPECT_TRUE(astray(path)) << path;
  }
  umount2((Root() + "/mounted").c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace runward
