#include "oci/engine_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/fd.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

TEST(Presentable, AvoidsWhatEnginesMapToOtherErrors) {
  for (const char* text :
       {"open \"x\": No such file or directory", "PERMISSION DENIED", "a: not a Directory",
        "executable file not found in $PATH", "no such fileno such file or directory",
        "permisPermission deniedsion denied"}) {
    const std::string shown = Presentable(text);
    std::string lower;
    for (const char c : shown) lower += static_cast<char>(std::tolower(c));
    for (const char* phrase :
         {"no such file", "permission denied", "not a directory", "executable file not found"}) {
      EXPECT_THAT(lower, Not(HasSubstr(phrase))) << text;
    }
  }
}

TEST(Presentable, IsOneBoundedLineOfValidText) {
  EXPECT_EQ(Presentable("a\nb\tc\x7f\x1b[0m"), "a b c  [0m");
  EXPECT_EQ(Presentable("a\xff"), "a\xef\xbf\xbd");
  EXPECT_LE(Presentable(std::string(100000, 'a')).size(), 2000U);
  EXPECT_EQ(Presentable("plain \"quoted\" text"), "plain \"quoted\" text");
}

TEST(EngineLogAt, KnowsCrunsOtherDestinations) {
  EXPECT_EQ(EngineLogAt("file:/l", "json", false).path, "/l");
  EXPECT_EQ(EngineLogAt("/l", "text", false).path, "/l");
  EXPECT_EQ(EngineLogAt("journald:x", "json", false).path, "");
  EXPECT_EQ(EngineLogAt("syslog:x", "json", false).path, "");
  EXPECT_EQ(EngineLogAt("file:/l", "json", true).path, "file:/l");
  EXPECT_TRUE(EngineLogAt("/l", "json", true).json);
  EXPECT_FALSE(EngineLogAt("/l", "", true).json);
}

class EndLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "runward-log-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    log_ = name + "/log.json";
    std::ofstream(log_) << "{\"msg\":\"before\"}\n";
    ASSERT_EQ(chmod(log_.c_str(), 0640), 0);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string Log() const {
    std::ifstream in(log_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string directory_;
  std::string log_;
};

// As crun writes what it has to say about a hook that failed.
TEST_F(EndLogTest, WhatTheRuntimeAddsToAJsonLogIsNotRead) {
  const UniqueFd runtime(open(log_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  EndLog({.path = log_, .json = true}, "why");
  WriteAll(runtime.get(), "{\"msg\":\"error executing hook\"}\n");
  const std::string text = Log();
  EXPECT_TRUE(text.starts_with("{\"msg\":\"before\"}\n")) << text;
  const auto record = nlohmann::json::parse(text.substr(text.find('\n') + 1));
  EXPECT_EQ(record["msg"], "why");
  EXPECT_EQ(record["level"], "error");
  struct stat info {};
  ASSERT_EQ(stat(log_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

TEST_F(EndLogTest, ATextLogStaysTheFileThatOthersWriteTo) {
  const UniqueFd runtime(open(log_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  EndLog({.path = log_, .json = false}, "why");
  WriteAll(runtime.get(), "after\n");
  EXPECT_THAT(Log(), HasSubstr("level=error msg=\"why\"\nafter\n"));
}

TEST_F(EndLogTest, FollowsNoSymlinkAndWaitsForNobody) {
  const std::string other = directory_ + "/other";
  fs::create_symlink(log_, other);
  EndLog({.path = other, .json = true}, "why");
  EXPECT_TRUE(fs::is_symlink(other));
  const std::string fifo = directory_ + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EndLog({.path = fifo, .json = true}, "why");
  EXPECT_TRUE(fs::is_fifo(fifo));
  EndLog({.path = directory_, .json = true}, "why");
  EndLog({.path = directory_ + "/none/log", .json = true}, "why");
  EndLog({.path = "", .json = true}, "why");
  EXPECT_EQ(Log(), "{\"msg\":\"before\"}\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 3);
}

}  // namespace
}  // namespace runward
