#include "base/file_stamp.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;

class FileStampTest : public testing::Test {
 protected:
  FileStampTest() {
    std::string name = testing::TempDir() + "stampXXXXXX";
    directory_ = mkdtemp(name.data());
    path_ = directory_ + "/file";
    std::ofstream(path_) << "one";
  }
  ~FileStampTest() override { fs::remove_all(directory_); }

  std::string directory_;
  std::string path_;
};

TEST_F(FileStampTest, IsTheSameForWhatNobodyTouched) {
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(StampOf(path_.c_str()), StampOf(info));
}

TEST_F(FileStampTest, TellsOfAnotherLength) {
  const FileStamp before = StampOf(path_.c_str());
  std::ofstream(path_, std::ios::app) << "more";
  EXPECT_FALSE(before == StampOf(path_.c_str()));
}

TEST_F(FileStampTest, TellsOfAnotherFileOfThatName) {
  const FileStamp before = StampOf(path_.c_str());
  fs::rename(path_, path_ + ".old");
  fs::copy_file(path_ + ".old", path_);
  EXPECT_FALSE(before == StampOf(path_.c_str()));
}

TEST_F(FileStampTest, TellsOfAFileThatWentOrCame) {
  const FileStamp before = StampOf(path_.c_str());
  fs::remove(path_);
  const FileStamp none = StampOf(path_.c_str());
  EXPECT_FALSE(before == none);
  EXPECT_EQ(none, FileStamp{});
  std::ofstream(path_) << "";
  EXPECT_FALSE(none == StampOf(path_.c_str()));
}

}  // namespace
}  // namespace runward
