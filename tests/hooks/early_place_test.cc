#include "hooks/early_place.h"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "secrets/atomic_files.h"
#include "secrets/tmpfs.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class EarlyPlaces : public ::testing::Test {
 protected:
  EarlyPlaces() {
    std::string name = ::testing::TempDir() + "/rootXXXXXX";
    path_ = mkdtemp(name.data());
    root_ = EarlyFd(open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  ~EarlyPlaces() override { fs::remove_all(path_); }

  [[nodiscard]] bool Found(const std::string& place) const {
    return EarlyPlace(getpid(), root_.get(), place).valid();
  }

  std::string path_;
  EarlyFd root_;
};

TEST_F(EarlyPlaces, AreMadeWhereTheyAreMissing) {
  ASSERT_TRUE(Found("/run/secrets/app"));
  struct stat info {};
  ASSERT_EQ(stat((path_ + "/run").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0755U);
  EXPECT_TRUE(fs::is_directory(path_ + "/run/secrets/app"));
  EXPECT_TRUE(Found("/run/secrets/app"));
}

TEST_F(EarlyPlaces, FollowLinksAsTheContainerDoesAndNeverOut) {
  fs::create_directories(path_ + "/var");
  fs::create_directories(path_ + "/run");
  fs::create_symlink("/run", path_ + "/var/run");
  EXPECT_TRUE(Found("/var/run/secrets"));
  EXPECT_TRUE(fs::is_directory(path_ + "/run/secrets"));
  fs::create_symlink("../../../../../../etc", path_ + "/out");
  (void)Found("/out/runward-test-secrets");
  EXPECT_FALSE(fs::exists("/etc/runward-test-secrets"));
}

TEST_F(EarlyPlaces, AreNothingElse) {
  fs::create_symlink("/nowhere/at/all", path_ + "/link");
  EXPECT_FALSE(Found("/link"));
  std::ofstream(path_ + "/file") << "x";
  EXPECT_FALSE(Found("/file"));
  EXPECT_FALSE(Found("/file/below"));
  EXPECT_FALSE(Found(""));
  EXPECT_FALSE(Found("/" + std::string(5000, 'x')));
}

TEST_F(EarlyPlaces, HideNothing) {
  fs::create_directories(path_ + "/k");
  EXPECT_TRUE(Found("/k"));
  std::ofstream(path_ + "/k/..theirs") << "x";
  EXPECT_FALSE(Found("/k"));
  fs::remove(path_ + "/k/..theirs");
  for (int i = 0; i < 100; ++i) fs::create_directory(path_ + "/k/" + std::to_string(i));
  EXPECT_FALSE(Found("/k"));
}

TEST(EarlyNamespaceRoot, IsTheHostsOrNone) {
  EXPECT_TRUE(EarlyNamespaceRoot(getpid()).valid());
  EXPECT_FALSE(EarlyNamespaceRoot(1 << 30).valid());
}

TEST(EarlyIs, ThatInode) {
  struct stat info {};
  ASSERT_EQ(stat("/usr", &info), 0);
  const EarlyFd root = EarlyOpen("/", O_PATH | O_DIRECTORY);
  const EarlyFd found = EarlyBeneath(root.get(), "/usr", O_PATH);
  EXPECT_TRUE(EarlyIs(found.get(), info.st_dev, info.st_ino));
  EXPECT_FALSE(EarlyIs(found.get(), info.st_dev, info.st_ino + 1));
  EXPECT_FALSE(EarlyIs(found.get(), info.st_dev + 1, info.st_ino));
}

// A process in a mount namespace of its own, as a container is before it has pivoted.
class EarlyMounts : public EarlyPlaces {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    std::array<int, 2> ready{};
    ASSERT_EQ(pipe2(ready.data(), O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      const bool apart = unshare(CLONE_NEWNS) == 0 &&
                         mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         mount("none", path_.c_str(), "tmpfs", 0, nullptr) == 0;
      if (!apart || write(ready[1], "x", 1) != 1) _exit(1);
      for (;;) pause();
    }
    char word = 0;
    close(ready[1]);
    ready_ = read(ready[0], &word, 1) == 1;
    close(ready[0]);
    if (!ready_) GTEST_SKIP() << "no mount namespace can be made here";
  }
  void TearDown() override {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  static UniqueFd Filled() {
    UniqueFd made = NewSecretTmpfs().value();
    EXPECT_TRUE(ReplaceFiles(made.get(), {{.name = "k", .bytes = "value"}}).ok());
    EXPECT_TRUE(CloseTmpfs(made).ok());
    return made;
  }
  [[nodiscard]] EarlyFd At(const std::string& place) const {
    const EarlyFd root = EarlyNamespaceRoot(pid_);
    const EarlyFd beneath = EarlyBeneath(root.get(), path_, O_PATH | O_DIRECTORY);
    return EarlyPlace(pid_, beneath.get(), place);
  }
  // What the container has there.
  [[nodiscard]] std::string Shown(const std::string& file) const {
    std::ifstream in("/proc/" + std::to_string(pid_) + "/root" + path_ + file);
    std::string text;
    in >> text;
    return text;
  }

  pid_t pid_ = 0;
  bool ready_ = false;
};

TEST_F(EarlyMounts, AreTheContainersAlone) {
  UniqueFd one = Filled();
  UniqueFd two = Filled();
  const std::array<EarlyFd, 2> filled{EarlyFd(one.release()), EarlyFd(two.release())};
  const std::array<EarlyFd, 2> places{At("/run/secrets"), At("/k")};
  ASSERT_EQ(EarlyAttach(pid_, filled.data(), places.data(), 2), EarlyAttached::kAll);
  EXPECT_EQ(Shown("/run/secrets/k"), "value");
  EXPECT_EQ(Shown("/k/k"), "value");
  EXPECT_FALSE(fs::exists(path_ + "/k/k"));
}

TEST_F(EarlyMounts, AreAllThereOrNone) {
  UniqueFd one = Filled();
  UniqueFd two = Filled();
  const std::array<EarlyFd, 2> filled{EarlyFd(one.release()), EarlyFd(two.release())};
  std::array<EarlyFd, 2> places{At("/run/secrets"), EarlyFd(open("/dev/null", O_PATH | O_CLOEXEC))};
  EXPECT_EQ(EarlyAttach(getpid(), filled.data(), places.data(), 1), EarlyAttached::kNone);
  EXPECT_EQ(EarlyAttach(pid_, filled.data(), places.data() + 1, 1), EarlyAttached::kNone);
  EXPECT_EQ(EarlyAttach(pid_, filled.data(), places.data(), 2), EarlyAttached::kUndone);
  EXPECT_EQ(Shown("/run/secrets/k"), "");
  EXPECT_TRUE(fs::exists("/proc/" + std::to_string(pid_) + "/root" + path_ + "/run/secrets"));
}

}  // namespace
}  // namespace runward
