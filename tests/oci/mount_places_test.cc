#include "oci/mount_places.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
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

TEST_F(Places, OfSourcesAreTheSameForEveryProcess) {
  for (const char* path : {"/proc/self", "/proc/self/cwd", "/proc/thread-self/root/etc", "/dev/fd",
                           "/proc/self/fd/0", "/proc/1/root/etc", "/proc/1", "/proc/999999999/cwd",
                           "/proc/self/cwd/../no/such", "/proc/mounts"}) {
    EXPECT_FALSE(places_.value().FindSource(path).ok()) << path;
  }
  for (const char* path : {"/proc", "/proc/sys", "/proc/meminfo", "/proc/self/../sys", "/etc"}) {
    EXPECT_TRUE(places_.value().FindSource(path).ok()) << path;
  }
  EXPECT_TRUE(places_.value().FindSource(home_ + "/link/new").ok());
}

TEST_F(Places, OfWhatShowsTheKernelAreWhereItUsuallyIs) {
  const FoundPlace source = places_.value().FindSource("/proc/sys").value();
  const Location usual = places_.value().Find("/proc").value().at;
  const auto shows = [&](const std::vector<Location>& chain) {
    return !chain.empty() && chain.front().device == usual.device &&
           chain.front().path == usual.path;
  };
  EXPECT_TRUE(std::ranges::any_of(source.above, shows));
  for (const std::vector<Location>& chain : places_.value().FindSource(home_).value().above) {
    EXPECT_FALSE(shows(chain));
  }
}

class Layers : public Places {
 protected:
  // What is behind the root of an overlay with such options, names beginning with home_.
  Result<std::vector<Location>> Behind(const std::string& super, const std::string& point = "/v") {
    std::vector<Mount> mounts = AllMounts().value();
    std::string text = super;
    for (size_t i = 0; (i = text.find('@', i)) != std::string::npos;) text.replace(i, 1, home_);
    mounts.push_back({.id = 1U << 30U,
                      .device = "0:99999",
                      .root = "/",
                      .point = home_ + point,
                      .type = "overlay",
                      .super = text});
    return MountPlaces::Of(std::move(mounts)).value().Behind({"0:99999", "/some/part"});
  }
  std::vector<std::string> Names(const std::string& super, const std::string& point = "/v") {
    const Result<std::vector<Location>> found = Behind(super, point);
    if (!found.ok()) return {found.error().message};
    const Location home = Find("").value().at;
    std::vector<std::string> names;
    for (const Location& one : found.value()) {
      EXPECT_EQ(one.device, home.device);
      names.push_back(one.path.substr(home.path.size()));
    }
    return names;
  }
};

TEST_F(Layers, OfAnOverlayAreAllFound) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(Names("rw,lowerdir=@/link/b,upperdir=@/a,workdir=@/w"), (Paths{"/a/b", "/a"}));
  EXPECT_EQ(Names("rw,lowerdir+=@/a,lowerdir+=@/a/b"), (Paths{"/a", "/a/b"}));
  EXPECT_TRUE(places_.value().Behind(Find("/a").value().at).value().empty());
}

TEST_F(Layers, ThatCannotBeFollowedAreAnError) {
  for (const char* super : {"rw,lowerdir=@/a:@/gone", "rw,lowerdir=a:@/a", "rw",
                            "rw,lowerdir=@/a::@/a", "rw,lowerdir=@/a\\134:b"}) {
    EXPECT_FALSE(Behind(super).ok()) << super;
  }
}

TEST_F(Layers, OfAnEnginesOwnImagesAreNotCounted) {
  std::filesystem::create_directories(home_ + "/s/1/diff");
  std::filesystem::create_directories(home_ + "/s/2/diff");
  EXPECT_TRUE(Names("rw,lowerdir=2/diff,upperdir=1/diff", "/s/1/merged").empty());
  EXPECT_TRUE(Names("ro,lowerdir=@/s/2/diff:@/s/1/diff", "/s/1/merged").empty());
  EXPECT_EQ(Names("rw,lowerdir=@/s/2/diff,upperdir=@/a", "/s/1/merged").size(), 2U);
  EXPECT_EQ(Names("rw,lowerdir=@/s/2/diff,upperdir=@/s/1/diff", "/s/1/_data").size(), 2U);
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
