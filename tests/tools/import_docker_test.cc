#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "imported.h"

namespace runward {
namespace {

class ImportDockerTest : public testing::Test {
 protected:
  ImportDockerTest() {
    std::string name = testing::TempDir() + "docker.XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~ImportDockerTest() override { std::filesystem::remove_all(directory_); }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ + "/" + name) << content;
  }
  std::string directory_;
};

TEST_F(ImportDockerTest, TakesEachFile) {
  Write("db_password", "hunter2\n");
  Write("tls.key", "key");
  Write(".hidden", "x");
  std::filesystem::create_directory(directory_ + "/folder");
  EXPECT_EQ(Shown(ImportDocker(directory_, "web")),
            (Pairs{{"web#db_password", "hunter2\n"}, {"web#tls.key", "key"}}));
}

// Kubernetes' layout: NAME -> ..data/NAME, ..data -> ..2026_01_01.
TEST_F(ImportDockerTest, FollowsLinksThatStayInside) {
  std::filesystem::create_directory(directory_ + "/..2026");
  Write("..2026/token", "value");
  std::filesystem::create_symlink("..2026", directory_ + "/..data");
  std::filesystem::create_symlink("..data/token", directory_ + "/token");
  EXPECT_EQ(Shown(ImportDocker(directory_, "web")), (Pairs{{"web#token", "value"}}));
  std::filesystem::create_symlink("/etc/passwd", directory_ + "/users");
  ExpectError(ImportDocker(directory_, "web"), "leads out of its directory");
}

TEST_F(ImportDockerTest, SaysWhatIsWrong) {
  ExpectError(ImportDocker(directory_ + "/none", "web"), "No such file");
  Write("bad name", "x");
  ExpectError(ImportDocker(directory_, "web"), "its key may hold");
}

}  // namespace
}  // namespace runward
