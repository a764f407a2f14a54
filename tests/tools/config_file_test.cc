#include "tools/config_file.h"

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

class ConfigFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "config-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    path_ = name + "/daemon.json";
  }
  void TearDown() override { fs::remove_all(directory_); }

  void Put(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string Text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] size_t Entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory_), {}));
  }

  std::string directory_;
  std::string path_;
};

TEST_F(ConfigFileTest, KeepsModeAndLeavesNothingElse) {
  Put("old");
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  const auto file = ConfigFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file.value().text(), "old");
  ASSERT_TRUE(file.value().Write("new").ok());
  EXPECT_EQ(Text(), "new");
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640);
  EXPECT_EQ(Entries(), 1);
}

TEST_F(ConfigFileTest, AMissingFileIsMadeWithItsDirectory) {
  path_ = directory_ + "/a/b/daemon.json";
  const auto file = ConfigFile::Open(path_);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file.value().missing());
  ASSERT_TRUE(file.value().Write("new").ok());
  EXPECT_EQ(Text(), "new");
}

TEST_F(ConfigFileTest, WhatAnotherWroteMeanwhileStays) {
  Put("old");
  const auto file = ConfigFile::Open(path_);
  Put("theirs");
  const auto written = file.value().Write("new");
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message, HasSubstr("changed by another program"));
  EXPECT_FALSE(file.value().Remove().ok());
  EXPECT_EQ(Text(), "theirs");
  EXPECT_EQ(Entries(), 1);
}

TEST_F(ConfigFileTest, TwoAtOnceDoNotBothHoldIt) {
  Put("old");
  {
    const auto first = ConfigFile::Open(path_);
    ASSERT_TRUE(first.ok());
    EXPECT_FALSE(ConfigFile::Open(path_).ok());
  }
  EXPECT_TRUE(ConfigFile::Open(path_).ok());
}

TEST_F(ConfigFileTest, LinksAndWhatOthersMayWriteAreRefused) {
  Put("old");
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  EXPECT_FALSE(ConfigFile::Open(path_).ok());
  const std::string link = directory_ + "/link.json";
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_FALSE(ConfigFile::Open(link).ok());
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
  EXPECT_FALSE(ConfigFile::Open(path_).ok());
}

TEST_F(ConfigFileTest, AFileOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  Put("old");
  ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  const auto file = ConfigFile::Open(path_);
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message, HasSubstr("belongs to user 65534"));
}

TEST_F(ConfigFileTest, TheBackupIsReadBack) {
  Put("old");
  EXPECT_EQ(ReadBackup(path_), "");
  ASSERT_TRUE(ConfigFile::Open(path_).value().WriteBeside(BackupOf(path_), "old").ok());
  EXPECT_EQ(ReadBackup(path_), "old");
}

}  // namespace
}  // namespace runward
