#include "agent/command_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class CommandFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "files_XXXXXX";
    top_ = mkdtemp(name.data());
    for (const char* directory : {"bin", "usr/bin", "opt", "etc/alternatives"}) {
      fs::create_directories(top_ + "/" + directory);
    }
    for (const char* file : {"bin/busybox", "bin/nc.real", "usr/bin/wget", "opt/tool"}) {
      std::ofstream(top_ + "/" + file) << "x";
    }
    fs::create_symlink("busybox", top_ + "/bin/vi");
    fs::create_symlink("/etc/alternatives/nc", top_ + "/bin/nc");
    fs::create_symlink("/bin/nc.real", top_ + "/etc/alternatives/nc");
    root_ = UniqueFd(open(top_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override { fs::remove_all(top_); }

  CommandFiles Find(const std::vector<std::string>& deny) {
    return FindCommandFiles(root_.get(), {.lists = {.deny = deny, .allow = {}}});
  }
  std::vector<std::string> NamesOf(const CommandFiles& files, const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat((top_ + path).c_str(), &info), 0);
    const auto found = files.names.find(info.st_ino);
    return found == files.names.end() ? std::vector<std::string>{} : found->second;
  }

  std::string top_;
  UniqueFd root_;
};

TEST_F(CommandFilesTest, FollowsLinksToTheFileThatACommandNames) {
  const CommandFiles files = Find({"nc", "/opt/tool", "wg*"});
  EXPECT_EQ(NamesOf(files, "/bin/nc.real"), std::vector<std::string>{"/bin/nc"});
  EXPECT_EQ(NamesOf(files, "/opt/tool"), std::vector<std::string>{"/opt/tool"});
  EXPECT_EQ(NamesOf(files, "/usr/bin/wget"), std::vector<std::string>{"/usr/bin/wget"});
  EXPECT_EQ(files.denied.size(), 3U);
}

TEST_F(CommandFilesTest, ThePathsThatAPatternFits) {
  fs::create_directories(top_ + "/opt/a/bin");
  fs::create_directories(top_ + "/opt/b/bin");
  std::ofstream(top_ + "/opt/a/bin/one") << "x";
  std::ofstream(top_ + "/opt/b/bin/two") << "x";
  const CommandFiles files = Find({"/opt/*", "/opt/*/bin/o*"});
  EXPECT_EQ(files.names.size(), 2U);
  EXPECT_EQ(NamesOf(files, "/opt/tool"), std::vector<std::string>{"/opt/tool"});
  EXPECT_EQ(NamesOf(files, "/opt/a/bin/one"), std::vector<std::string>{"/opt/a/bin/one"});
  EXPECT_EQ(files.denied.size(), 2U);
}

TEST_F(CommandFilesTest, AFileOfThatNumberOnAnotherFilesystemIsAnother) {
  CommandFiles files = Find({"/opt/tool"});
  struct stat info {};
  ASSERT_EQ(stat((top_ + "/opt/tool").c_str(), &info), 0);
  ASSERT_NE(runward::NamesOf(files, info), nullptr);
  EXPECT_EQ(runward::NamesOf(files, info)->front(), "/opt/tool");
  ++info.st_dev;
  EXPECT_EQ(runward::NamesOf(files, info), nullptr);
  files.devices.clear();  // an earlier agent did not note them
  EXPECT_NE(runward::NamesOf(files, info), nullptr);
}

TEST_F(CommandFilesTest, AnAppletIsNotAllOfItsProgram) {
  EXPECT_TRUE(NamesOf(Find({"vi", "/bin/vi"}), "/bin/busybox").empty());
  EXPECT_EQ(NamesOf(Find({"busybox"}), "/bin/busybox").size(), 1U);
}

TEST_F(CommandFilesTest, WhatIsNotThereNamesNothing) {
  const CommandFiles files = Find({"missing", "/missing", "/opt", "zz*"});
  EXPECT_TRUE(files.names.empty());
  EXPECT_TRUE(files.denied.empty());
}

TEST_F(CommandFilesTest, OnlyWhatEverybodyIsDeniedIsWatchedWhenItIsOpened) {
  const CommandRule rule{.lists = {.deny = {}, .allow = std::vector<std::string>{"wget"}},
                         .users = {{{}, {.deny = {"/opt/tool"}, .allow = {}}}}};
  const CommandFiles files = FindCommandFiles(root_.get(), rule);
  EXPECT_EQ(files.names.size(), 2U);
  EXPECT_TRUE(files.denied.empty());
}

TEST_F(CommandFilesTest, FindsWhatTheKernelHasToKnowBesides) {
  fs::create_directories(top_ + "/lib64");
  fs::create_directories(top_ + "/usr/lib/x86_64-linux-gnu");
  fs::create_symlink("usr/lib", top_ + "/lib");
  for (const char* file : {"/lib/x86_64-linux-gnu/ld-2.31.so", "/lib/ld-musl-x86_64.so.1",
                           "/lib64/libc.so.6", "/usr/bin/ld-x.so"}) {
    std::ofstream(top_ + file) << "x";
  }
  fs::create_symlink("/lib/x86_64-linux-gnu/ld-2.31.so", top_ + "/lib64/ld-linux-x86-64.so.2");
  CommandRule rule;
  fs::create_directory_symlink("/", top_ + "/link");
  rule.drift_except = {"/opt", "/missing", "/link", "/link/opt"};
  const CommandFiles files = FindCommandFiles(root_.get(), rule);
  const auto inode = [&](const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat((top_ + path).c_str(), &info), 0);
    return info.st_ino;
  };
  EXPECT_THAT(files.loaders,
              testing::UnorderedElementsAre(inode("/lib/ld-musl-x86_64.so.1"),
                                            inode("/usr/lib/x86_64-linux-gnu/ld-2.31.so")));
  EXPECT_EQ(files.multi_calls, std::vector<uint64_t>{inode("/bin/busybox")});
  EXPECT_EQ(files.excepted, (std::map<std::string, uint64_t>{{"/opt", inode("/opt")}}));
}

}  // namespace
}  // namespace runward
