#include "oci/find_command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace runward {
namespace {

namespace fs = std::filesystem;

class FindCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "find_XXXXXX";
    root_ = fs::canonical(mkdtemp(name.data()));
    fs::create_directories(root_ + "/usr/bin");
    fs::create_directories(root_ + "/app");
    std::ofstream(root_ + "/usr/bin/tool") << "x";
    std::ofstream(root_ + "/app/run") << "x";
    fs::create_symlink("/usr/bin/tool", root_ + "/app/link");
    fs::create_symlink("../../../../../../etc/passwd", root_ + "/app/out");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string Find(const std::string& name, const std::vector<std::string>& env = {}) {
    return FindCommand(root_, {name}, env, "/app");
  }

  std::string root_;
};

TEST_F(FindCommandTest, SearchesAsARuntimeDoes) {
  EXPECT_EQ(Find("/usr/bin/tool"), "/usr/bin/tool");
  EXPECT_EQ(Find("tool"), "/usr/bin/tool");
  EXPECT_EQ(Find("run", {"A=1", "PATH=/bin:/app"}), "/app/run");
  EXPECT_EQ(Find("./run"), "/app/run");
}

TEST_F(FindCommandTest, FollowsLinksInsideTheRootOnly) {
  EXPECT_EQ(Find("/app/link"), "/usr/bin/tool");
  EXPECT_EQ(Find("/app/out"), "");
  EXPECT_EQ(Find("/app/../../usr/bin/tool"), "/usr/bin/tool");
}

TEST_F(FindCommandTest, FindsNothingThatIsNoFile) {
  for (const char* name : {"", "missing", "/usr/bin", "/missing", "./missing"}) {
    EXPECT_EQ(Find(name), "") << name;
  }
  EXPECT_EQ(FindCommand(root_, {}, {}, "/"), "");
  EXPECT_EQ(FindCommand(root_ + "/missing", {"tool"}, {}, "/"), "");
}

}  // namespace
}  // namespace runward
