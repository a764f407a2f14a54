#include "oci/mount_places.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace runward {
namespace {

class Places : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = std::filesystem::canonical(::testing::TempDir()).string() + "/places-" +
            std::to_string(getpid());
    std::filesystem::create_directories(home_ + "/a/b");
    std::filesystem::create_symlink(home_ + "/a", home_ + "/link");
    std::filesystem::create_symlink(home_ + "/nowhere", home_ + "/dangling");
  }
  void TearDown() override { std::filesystem::remove_all(home_); }

  [[nodiscard]] Result<FoundPlace> Find(const std::string& path) const {
    return places_.value().Find(home_ + path);
  }

  std::string home_;
  Result<MountPlaces> places_ = MountPlaces::Read();
};

TEST_F(Places, AreTheSameUnderEachName) {
  const FoundPlace place = Find("/a/b").value();
  EXPECT_EQ(place.path, home_ + "/a/b");
  EXPECT_FALSE(place.at.device.empty());
  EXPECT_TRUE(place.at.path.ends_with("/a/b")) << place.at.path;
  for (const char* other : {"/link/b", "/a/../a/b", "/a/b/", "//a/./b"}) {
    EXPECT_EQ(Find(other).value().at.path, place.at.path) << other;
    EXPECT_EQ(Find(other).value().at.device, place.at.device) << other;
  }
  EXPECT_TRUE(Beneath(place.at, Find("/a").value().at));
}

TEST_F(Places, OfWhatIsNotThereAreWhereItWouldBe) {
  const FoundPlace place = Find("/link/new/deep").value();
  EXPECT_EQ(place.path, home_ + "/a/new/deep");
  EXPECT_EQ(place.at.path, Find("/a").value().at.path + "/new/deep");
}

TEST_F(Places, CannotBeToldOfWhatCannotBeWalked) {
  EXPECT_FALSE(Find("/dangling").ok());
  EXPECT_FALSE(Find("/new/../../etc").ok());
  std::ofstream(home_ + "/file") << "x";
  EXPECT_FALSE(Find("/file/x").ok());
}

TEST_F(Places, KnowTheRootAndOtherFilesystems) {
  EXPECT_EQ(places_.value().Find("/").value().path, "/");
  const Location proc = places_.value().Find("/proc/sys").value().at;
  EXPECT_EQ(proc.path, "/sys");
  bool found = false;
  for (const Location& one : places_.value().Beneath("/")) found |= one.device == proc.device;
  EXPECT_TRUE(found);
  EXPECT_TRUE(places_.value().Beneath(home_).empty());
}

TEST_F(Places, KnowASocket) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = home_ + "/s";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(Find("/s").value().socket);
  EXPECT_FALSE(Find("/a").value().socket);
  close(fd);
}

}  // namespace
}  // namespace runward
