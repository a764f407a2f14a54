#include "tools/made_key_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace runward {
namespace {

class MadeKeyFileTest : public testing::Test {
 protected:
  ~MadeKeyFileTest() override { std::filesystem::remove(path_); }
  void Write() { std::ofstream(path_) << "key"; }
  bool There() { return std::filesystem::exists(path_); }
  std::string path_ = testing::TempDir() + "key." + std::to_string(getpid());
};

TEST_F(MadeKeyFileTest, GoesWithACommandThatFails) {
  {
    const MadeKeyFile made(path_);
    Write();
  }
  EXPECT_FALSE(There());
}

TEST_F(MadeKeyFileTest, StaysWithOneThatSucceeds) {
  {
    MadeKeyFile made(path_);
    Write();
    made.Keep();
  }
  EXPECT_TRUE(There());
}

TEST_F(MadeKeyFileTest, OneThatWasThereBeforeStays) {
  Write();
  { const MadeKeyFile made(path_); }
  EXPECT_TRUE(There());
  { const MadeKeyFile none(""); }
}

}  // namespace
}  // namespace runward
