#include "base/trusted_path.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;

class TrustedPathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "runward-trusted-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = fs::canonical(name);
    fs::create_directories(directory_ + "/a/b");
    std::ofstream(directory_ + "/a/b/file") << "x";
  }
  void TearDown() override { fs::remove_all(directory_); }
  std::string directory_;
};

TEST_F(TrustedPathTest, ResolvesWhatNobodyElseCanChange) {
  fs::create_symlink("b", directory_ + "/a/link");
  const auto resolved = ResolveTrusted(directory_ + "/a/link/../b//file");
  ASSERT_TRUE(resolved.ok()) << resolved.error().message;  // although /tmp is sticky and open
  EXPECT_EQ(resolved.value(), directory_ + "/a/b/file");
}

TEST_F(TrustedPathTest, RefusesAFileOrDirectoryThatOthersMayWrite) {
  const std::string file = directory_ + "/a/b/file";
  ASSERT_EQ(chmod(file.c_str(), 0666), 0);
  EXPECT_FALSE(ResolveTrusted(file).ok());
  EXPECT_TRUE(ResolveUnderTrusted(file).ok());
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  ASSERT_EQ(chmod((directory_ + "/a").c_str(), 0777), 0);
  EXPECT_FALSE(ResolveTrusted(file).ok());
  EXPECT_FALSE(ResolveUnderTrusted(file).ok());
}

TEST_F(TrustedPathTest, RefusesWhatBelongsToAnother) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
  const std::string file = directory_ + "/a/b/file";
  ASSERT_EQ(chown(file.c_str(), 1234, 0), 0);
  EXPECT_FALSE(ResolveTrusted(file).ok());
  EXPECT_TRUE(ResolveUnderTrusted(file).ok());
  ASSERT_EQ(chown((directory_ + "/a/b").c_str(), 1234, 0), 0);
  EXPECT_FALSE(ResolveUnderTrusted(file).ok());
}

TEST_F(TrustedPathTest, AStickyDirectoryDoesNotExcuseWhatItHolds) {
  ASSERT_EQ(chmod((directory_ + "/a").c_str(), 01777), 0);
  EXPECT_TRUE(ResolveTrusted(directory_ + "/a/b/file").ok());
  EXPECT_FALSE(ResolveTrusted(directory_ + "/a").ok());
}

TEST_F(TrustedPathTest, AdvisesNoOtherModeOfADevice) {
  const auto resolved = ResolveTrusted("/dev/null");
  ASSERT_FALSE(resolved.ok());
  EXPECT_EQ(resolved.error().message, "refusing \"/dev/null\": it is not a regular file");
  EXPECT_EQ(resolved.error().hint, "");
}

TEST_F(TrustedPathTest, WhatIsMissingIsAnError) {
  EXPECT_FALSE(Resolve(directory_ + "/nowhere").ok());
  EXPECT_FALSE(ResolveTrusted(directory_ + "/a/nowhere").ok());
}

}  // namespace
}  // namespace runward
