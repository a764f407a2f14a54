#include "agent/path_walk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

namespace runward {
namespace {

// A tree with a root of its own below a directory.
class PathWalkTest : public ::testing::Test {
 protected:
  PathWalkTest() {
    for (const char* name : {"/root", "/root/bin", "/root/a", "/root/a/b"}) {
      mkdir((directory_ + name).c_str(), 0755);
    }
    std::ofstream(directory_ + "/root/bin/file") << "x";
    std::ofstream(directory_ + "/outside") << "x";
    Link("/bin/file", "absolute");
    Link("../bin/file", "a/upwards");
    Link("a", "directory");
    Link("loop", "loop");
    Link("../../../outside", "a/b/out");
    root_ = UniqueFd(open((directory_ + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  ~PathWalkTest() override { (void)!system(("rm -rf " + directory_).c_str()); }

  void Link(const std::string& to, const std::string& at) {
    ASSERT_EQ(symlink(to.c_str(), (directory_ + "/root/" + at).c_str()), 0);
  }

  // Where the path leads, below the root; or the error's number.
  std::string Walk(const std::string& path, const std::string& from = ".") {
    return Go(root_.get(), UniqueFd(openat(root_.get(), from.c_str(), O_PATH | O_CLOEXEC)), path);
  }
  std::string Go(int root, UniqueFd start, const std::string& path) {
    int error = 0;
    PathWalk walk(root, std::to_string(getpid()), std::to_string(syscall(SYS_gettid)));
    const UniqueFd file = walk.From(std::move(start), path, error);
    if (!file.valid()) return std::to_string(error);
    char text[4096] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(file.get());
    if (readlink(link.c_str(), text, sizeof text - 1) < 0) return "?";
    const std::string where = text;
    const std::string prefix = directory_ + "/root";
    return where.starts_with(prefix) ? where.substr(prefix.size()) : where;
  }

  std::string directory_ = [] {
    char name[] = "/tmp/path_walk.XXXXXX";
    return std::string(mkdtemp(name));
  }();
  UniqueFd root_;
};

TEST_F(PathWalkTest, GoesWhereTheKernelWould) {
  struct Case {
    const char* path;
    const char* from;
    std::string there;
  };
  const Case cases[] = {
      {"bin/file", ".", "/bin/file"},
      {"./bin//./file", ".", "/bin/file"},
      {"../bin/file", "a", "/bin/file"},
      {"../../../../bin/file", "a/b", "/bin/file"},  // not above the root
      {"absolute", ".", "/bin/file"},
      {"a/upwards", ".", "/bin/file"},
      {"directory/b/../upwards", ".", "/bin/file"},
      {"bin", ".", "/bin"},
      {"", "a", "/a"},
      {"no", ".", std::to_string(ENOENT)},
      {"bin/file/x", ".", std::to_string(ENOTDIR)},
      {"loop", ".", std::to_string(ELOOP)},
      {"a/b/out", ".", std::to_string(ENOENT)},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(Walk(one.path, one.from), one.there) << one.path << " from " << one.from;
  }
}

TEST_F(PathWalkTest, FollowsWhatProcfsShowsATaskOfItself) {
  const auto all = [] { return UniqueFd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)); };
  const UniqueFd top = all();
  const std::string file = directory_ + "/root/bin/file";
  const UniqueFd opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string number = std::to_string(opened.get());
  EXPECT_EQ(Go(top.get(), all(), "proc/self/fd/" + number), "/bin/file");
  EXPECT_EQ(Go(top.get(), all(), "proc/thread-self/fd/" + number), "/bin/file");
  EXPECT_EQ(Go(top.get(), all(), "proc/self/root" + file), "/bin/file");
  EXPECT_EQ(Go(top.get(), all(), "proc/self/root/../" + file), "/bin/file");
  EXPECT_EQ(Go(top.get(), all(), "proc/mounts"), "/proc/" + std::to_string(getpid()) + "/mounts");
  EXPECT_NE(Go(top.get(), all(), "proc/self/exe").find("agent_test"), std::string::npos);
  EXPECT_EQ(Go(top.get(), all(), "proc/self/fd/99999"), std::to_string(ENOENT));
}

}  // namespace
}  // namespace runward
