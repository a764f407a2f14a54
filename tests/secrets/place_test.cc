#include "secrets/place.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(MappedId, FindsTheNumberOutside) {
  const char* map = "         0     100000      65536\n     70000          7          1\n";
  EXPECT_EQ(MappedId(map, 0), 100000U);
  EXPECT_EQ(MappedId(map, 65535), 165535U);
  EXPECT_EQ(MappedId(map, 65536), std::nullopt);
  EXPECT_EQ(MappedId(map, 70000), 7U);
  EXPECT_EQ(MappedId("0 0 4294967295\n", 1000), 1000U);
  EXPECT_EQ(MappedId("", 0), std::nullopt);
  EXPECT_EQ(MappedId("x y z\n", 0), std::nullopt);
}

// Of this process, as if it were the container's; its mounts may be shared, which the last check of
// PlaceForSecrets refuses, so places are looked at up to there.
class Place : public ::testing::Test {
 protected:
  Place() {
    std::string name = ::testing::TempDir() + "/rootXXXXXX";
    path_ = mkdtemp(name.data());
    root_ = UniqueFd(open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  ~Place() override { fs::remove_all(path_); }

  // "" for success, or for the refusal of a shared mount alone.
  std::string Problem(const std::string& place) {
    const auto found = PlaceForSecrets(getpid(), root_.get(), place);
    if (found.ok() || found.error().message.find("shared propagation") != std::string::npos) {
      return "";
    }
    return found.error().message;
  }

  std::string path_;
  UniqueFd root_;
};

TEST_F(Place, IsMadeWhereItIsMissing) {
  EXPECT_EQ(Problem("/run/secrets/app"), "");
  EXPECT_TRUE(fs::is_directory(path_ + "/run/secrets/app"));
  struct stat info {};
  ASSERT_EQ(stat((path_ + "/run").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0755U);
}

TEST_F(Place, FollowsLinksAsTheContainerDoesAndNeverOut) {
  fs::create_directories(path_ + "/var");
  fs::create_symlink("/run", path_ + "/var/run");
  fs::create_directories(path_ + "/run");
  EXPECT_EQ(Problem("/var/run/secrets"), "");
  EXPECT_TRUE(fs::is_directory(path_ + "/run/secrets"));
  fs::create_symlink("../../../../../../etc", path_ + "/out");
  (void)Problem("/out/runward-test-secrets");
  EXPECT_FALSE(fs::exists("/etc/runward-test-secrets"));
  EXPECT_TRUE(fs::is_directory(path_ + "/etc/runward-test-secrets") || !fs::exists(path_ + "/etc"));
}

TEST_F(Place, IsNoLinkThatLeadsNowhere) {
  fs::create_symlink("/nowhere/at/all", path_ + "/k");
  EXPECT_THAT(Problem("/k"), HasSubstr("a link that leads nowhere"));
}

TEST_F(Place, IsNoFile) {
  std::ofstream(path_ + "/file") << "x";
  EXPECT_THAT(Problem("/file"), HasSubstr("a file is there already"));
  EXPECT_THAT(Problem("/file/below"), HasSubstr("no secrets can be put at \"/file/below\""));
}

TEST_F(Place, HidesNothing) {
  fs::create_directories(path_ + "/k/theirs");
  EXPECT_THAT(Problem("/k"), HasSubstr("\"theirs\" is there, and would be hidden"));
  fs::create_symlink("/", path_ + "/root");
  EXPECT_THAT(Problem("/root"), HasSubstr("would be hidden"));
}

TEST(IdMaps, AreTheSameInTheSameNamespace) {
  const auto owner = IdMaps::Of(getpid()).value().Outside(0, 0);
  ASSERT_TRUE(owner.ok()) << owner.error().message;
  EXPECT_EQ(owner.value().uid, 0U);
}

TEST(RootBeforeStart, IsNotLookedUpByAProcessThatHasAnotherRoot) {
  const auto root = RootBeforeStart(getpid(), "/usr");
  ASSERT_TRUE(root.ok()) << root.error().message;
  EXPECT_FALSE(RootBeforeStart(getpid(), "/no/such/place").ok());
}

}  // namespace
}  // namespace runward
