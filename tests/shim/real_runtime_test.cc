#include "shim/real_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace runward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

// Configuration is read only from directories that nobody else can write, which /tmp is not.
class RealRuntimeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::string(geteuid() == 0 ? "/run" : ".") + "/runward-runtime-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = fs::canonical(name);
    paths_ = PathsFor(directory_);
    program_ = directory_ + "/crun";
    std::ofstream(program_) << "#!/bin/sh\n";
    ASSERT_EQ(chmod(program_.c_str(), 0755), 0);
  }
  void TearDown() override { fs::remove_all(directory_); }

  Result<RealRuntime> Find(const std::string& text) {
    std::ofstream(paths_.runtime) << text;
    return FindRealRuntime(paths_);
  }
  Result<RealRuntime> FindProgram() { return Find("{\"runtime\": \"" + program_ + "\"}"); }

  std::string directory_;
  std::string program_;
  Paths paths_;
};

TEST_F(RealRuntimeTest, IsWhatTheFileNames) {
  const auto runtime =
      Find("{ // comment\n \"runtime\": \"" + program_ + "\", \"args\": [\"--systemd-cgroup\"], }");
  ASSERT_TRUE(runtime.ok()) << runtime.error().message;
  EXPECT_EQ(runtime.value().resolved, program_);
  EXPECT_EQ(runtime.value().grammar, Grammar::kCrun);
  EXPECT_THAT(runtime.value().args, ElementsAre("--systemd-cgroup"));
}

TEST_F(RealRuntimeTest, KeepsTheNameItIsCalledBy) {
  fs::create_symlink(program_, directory_ + "/krun");
  const auto runtime = Find("{\"runtime\": \"" + directory_ + "/krun\", \"grammar\": \"crun\"}");
  ASSERT_TRUE(runtime.ok());
  EXPECT_EQ(runtime.value().path, directory_ + "/krun");
  EXPECT_EQ(runtime.value().resolved, program_);
}

TEST_F(RealRuntimeTest, AWrongFileIsAnErrorThatSaysWhere) {
  const std::string good = "\"runtime\": \"" + program_ + "\"";
  for (const std::string& text :
       {std::string(""), std::string("[]"), std::string("{}"), "{" + good + ", \"argz\": []}",
        "{" + good + ", \"args\": \"x\"}", "{" + good + ", \"args\": [1]}",
        "{" + good + ", \"grammar\": \"youki\"}", std::string("{\"runtime\": \"crun\"}"),
        std::string("{\"runtime\": 1}"), "{" + good + ", " + good + "}",
        "{\"runtime\": \"" + directory_ + "/nowhere\"}", "{\"runtime\": \"" + directory_ + "\"}"}) {
    const auto runtime = Find(text);
    ASSERT_FALSE(runtime.ok()) << text;
    EXPECT_THAT(runtime.error().message, HasSubstr(directory_));
  }
}

TEST_F(RealRuntimeTest, IsNeverRunwardItself) {
  const std::string self = fs::read_symlink("/proc/self/exe");
  fs::create_symlink(self, directory_ + "/runc");
  fs::copy_file(self, directory_ + "/runc-copy");
  for (const char* name : {"/runc", "/runc-copy"}) {
    const auto runtime = Find("{\"runtime\": \"" + directory_ + name + "\"}");
    ASSERT_FALSE(runtime.ok());
    EXPECT_THAT(runtime.error().message, HasSubstr("runward itself")) << name;
  }
}

TEST_F(RealRuntimeTest, IsRefusedWhenOthersCouldChangeIt) {
  ASSERT_TRUE(FindProgram().ok());
  ASSERT_EQ(chmod(program_.c_str(), 0777), 0);
  EXPECT_FALSE(FindProgram().ok());
  ASSERT_EQ(chmod(program_.c_str(), 0755), 0);
  ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
  EXPECT_FALSE(FindProgram().ok());
  ASSERT_EQ(chmod(directory_.c_str(), 0755), 0);
  ASSERT_EQ(chmod(paths_.runtime.c_str(), 0666), 0);
  EXPECT_FALSE(FindRealRuntime(paths_).ok());
}

TEST_F(RealRuntimeTest, IsRefusedWhenItIsNoProgram) {
  ASSERT_EQ(chmod(program_.c_str(), 0644), 0);
  EXPECT_FALSE(FindProgram().ok());
  fs::remove(program_);
  ASSERT_EQ(mkfifo(program_.c_str(), 0755), 0);
  EXPECT_FALSE(FindProgram().ok());
}

TEST_F(RealRuntimeTest, IsFoundInTheFixedListWithoutAFile) {
  if (access("/usr/sbin/runc", X_OK) != 0) GTEST_SKIP() << "runc is not installed";
  setenv("PATH", directory_.c_str(), 1);
  const auto runtime = FindRealRuntime(paths_);
  ASSERT_TRUE(runtime.ok()) << runtime.error().message;
  EXPECT_THAT(runtime.value().path, HasSubstr("/runc"));
  EXPECT_EQ(runtime.value().grammar, Grammar::kRunc);
}

TEST(GrammarOf, GoesByTheProgramsName) {
  EXPECT_EQ(GrammarOf("/usr/bin/runc"), Grammar::kRunc);
  EXPECT_EQ(GrammarOf("/usr/bin/runc.real"), Grammar::kRunc);
  EXPECT_EQ(GrammarOf("crun-1.8"), Grammar::kCrun);
  EXPECT_EQ(GrammarOf("/usr/bin/runcible"), Grammar::kUnknown);
  EXPECT_EQ(GrammarOf("/runc/youki"), Grammar::kUnknown);
  EXPECT_EQ(GrammarOf(""), Grammar::kUnknown);
}

}  // namespace
}  // namespace runward
