#include "oci/policy_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "oci/load.h"

namespace runward {
namespace {

constexpr char kKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEArnTSqRcKczuiPzslZrEppify4bGlW9lNrSvADoMZcFs=\n"
    "-----END PUBLIC KEY-----\n";
constexpr char kPolicy[] = R"({"version": 1,
"trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["*"]}],
"profiles": [{"name": "all", "match": {}}]})";

// An installation of its own: below /run, since others may write the sticky /tmp.
class PolicyFile : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root has a directory whose parents are its own";
    if (mkdtemp(root_.data()) == nullptr) std::abort();
    chmod(root_.c_str(), 0755);
    paths_ = PathsFor(root_);
    std::filesystem::create_directory(root_ + "/keys");
    Write("keys/ci.pub", kKey);
    Write("policy.json", kPolicy);
  }
  void TearDown() override {
    if (geteuid() != 0) return;
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(root_ + "/" + name) << text;
    chmod((root_ + "/" + name).c_str(), 0644);
  }
  std::string Failure() {
    const auto policy = LoadPolicy(paths_);
    return policy.ok() ? "" : policy.error().message + " | " + policy.error().hint;
  }

  std::string root_ = "/run/runward-test-XXXXXX";
  Paths paths_;
};

TEST_F(PolicyFile, IsReadWithTheKeysItNames) {
  const auto policy = LoadPolicy(paths_);
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  EXPECT_EQ(policy.value().trust.at(0).key.bytes.size(), 32U);
  EXPECT_EQ(policy.value().profiles.size(), 1U);
}

TEST_F(PolicyFile, WhenMissingNamesTheCommandThatMakesOne) {
  unlink(paths_.policy.c_str());
  EXPECT_EQ(Failure(), "there is no policy at \"" + paths_.policy + "\" | runwardctl " +
                           paths_.root_flag + " policy init");
  paths_.root_flag.clear();
  EXPECT_TRUE(Failure().ends_with(" | runwardctl policy init"));
}

TEST_F(PolicyFile, IsRefusedWhenAnotherUserCouldWriteIt) {
  chmod(paths_.policy.c_str(), 0646);
  EXPECT_NE(Failure().find("may write it"), std::string::npos);
  chmod(paths_.policy.c_str(), 0644);
  chmod(root_.c_str(), 0777);
  EXPECT_NE(Failure().find("may write it"), std::string::npos);
  chmod(root_.c_str(), 0755);
  ASSERT_EQ(Failure(), "");
  ASSERT_EQ(chown(paths_.policy.c_str(), 65534, 0), 0);
  EXPECT_NE(Failure().find("belongs to user 65534"), std::string::npos);
}

TEST_F(PolicyFile, IsRefusedWhenAnotherUserCouldWriteAKey) {
  chmod((root_ + "/keys/ci.pub").c_str(), 0666);
  EXPECT_NE(Failure().find(root_ + "/policy.json:2:33: key \"keys/ci.pub\": refusing"),
            std::string::npos)
      << Failure();
  chmod((root_ + "/keys/ci.pub").c_str(), 0644);
  chmod((root_ + "/keys").c_str(), 0777);
  EXPECT_NE(Failure().find("may write it"), std::string::npos);
  chmod((root_ + "/keys").c_str(), 0755);
  EXPECT_EQ(Failure(), "");
}

TEST_F(PolicyFile, IsRefusedWhenItIsNoFile) {
  const std::string real = root_ + "/real.json";
  std::filesystem::rename(paths_.policy, real);
  ASSERT_EQ(symlink(real.c_str(), paths_.policy.c_str()), 0);
  EXPECT_NE(Failure().find("symbolic link"), std::string::npos);
  unlink(paths_.policy.c_str());
  ASSERT_EQ(mkfifo(paths_.policy.c_str(), 0644), 0);
  EXPECT_NE(Failure().find("not a regular file"), std::string::npos);
}

TEST_F(PolicyFile, IsRefusedWhenItIsHuge) {
  std::filesystem::resize_file(paths_.policy, size_t{100} << 20);
  EXPECT_NE(Failure().find("larger than"), std::string::npos);
  Write("policy.json", kPolicy);
  std::filesystem::resize_file(root_ + "/keys/ci.pub", size_t{100} << 20);
  EXPECT_NE(Failure().find("larger than"), std::string::npos);
}

TEST_F(PolicyFile, IsRefusedForAKeyThatIsNotThere) {
  unlink((root_ + "/keys/ci.pub").c_str());
  EXPECT_NE(Failure().find(":2:33: key \"keys/ci.pub\": open"), std::string::npos) << Failure();
}

}  // namespace
}  // namespace runward
