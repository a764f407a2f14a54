#include "tests/agent/kernel_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/fd.h"

namespace runward {
namespace {

namespace fs = std::filesystem;
constexpr int kRefused = 101;
constexpr char kBusybox[] = "/bin/busybox";
// For as long as the process lives: the kernel needs a while to check programs before it takes
// them.
constexpr char kPins[] = "/tmp/pins";

// The directory of the attacks' programs, by a descriptor that outlives what is mounted over it:
// the build may lie in /tmp. "" when it cannot be opened.
const std::string& Attacks() {
  static const std::string place = [] {
    const char* given = getenv("RUNWARD_ATTACKS");
    const int fd =
        open(given != nullptr ? given : RUNWARD_ATTACKS, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? "" : "/proc/self/fd/" + std::to_string(fd);
  }();
  return place;
}

void EnterOwnMounts() {
  static bool entered = false;
  if (entered) return;
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  // Goes with the namespace, whatever ends the process, and carries an overlay's upper layer.
  ASSERT_EQ(mount("runward-test", "/tmp", "tmpfs", 0, nullptr), 0);
  entered = true;
}

int Execute(const std::string& path, const std::vector<std::string>& argv) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execv(path.c_str(), words.data());
  return errno == EPERM ? kRefused : 102;
}

End Read(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return End::kKilled;
  if (!WIFEXITED(status)) return End::kOther;
  if (WEXITSTATUS(status) == 0) return End::kRan;
  return WEXITSTATUS(status) == kRefused ? End::kRefused : End::kOther;
}

}  // namespace

End Denied(const KernelCommands& kernel) {
  return kernel.tier() == KernelTier::kKill ? End::kKilled : End::kRefused;
}

FileKey KeyOf(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return {.device = status.st_dev, .inode = status.st_ino};
}

void KernelTest::SetUp() {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  if (access(kBusybox, X_OK) != 0) GTEST_SKIP() << "not installed: " << kBusybox;
  attacks_ = Attacks();
  ASSERT_FALSE(attacks_.empty());
  EnterOwnMounts();
  char name[] = "/tmp/runward-kernel-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  dir_ = name;
  for (const char* part : {"lower", "upper", "work", "root", "other"}) {
    fs::create_directory(dir_ + "/" + part);
  }
  fs::create_directories(dir_ + "/lower/bin");
  fs::create_directories(dir_ + "/lower/build");
  fs::copy_file(kBusybox, dir_ + "/lower/bin/busybox");
  fs::create_symlink("busybox", dir_ + "/lower/bin/true");
  fs::create_symlink("busybox", dir_ + "/lower/bin/echo");
  fs::copy_file(attacks_ + "/attack_allowed", dir_ + "/lower/bin/plain");
  std::string options =
      "lowerdir=" + dir_ + "/lower,upperdir=" + dir_ + "/upper,workdir=" + dir_ + "/work";
  ASSERT_EQ(mount("overlay", root().c_str(), "overlay", 0, options.c_str()), 0);
  ASSERT_EQ(mount("runward-test", other().c_str(), "tmpfs", 0, nullptr), 0);
  Load();
}

void KernelTest::TearDown() {
  if (kernel_) Events();  // the buffer is every test's
  kernel_.reset();
  if (dir_.empty()) return;
  for (const char* part : {"/other", "/root", "/own-pins"})
    umount2((dir_ + part).c_str(), MNT_DETACH);
  fs::remove_all(dir_);
}

std::string KernelTest::pins() { return kPins; }

void KernelTest::Load() {
  kernel_.reset();
  // RUNWARD_KERNEL_TIER: the one that a virtual machine with another kernel is there for.
  const char* wanted = getenv("RUNWARD_KERNEL_TIER");
  KernelTier tier = KernelTier::kKill;
  for (KernelTier one : {KernelTier::kLsm, KernelTier::kFmodRet}) {
    if (wanted != nullptr && wanted == KernelTierName(one)) tier = one;
  }
  Result<KernelCommands> loaded = KernelCommands::Load(kPins, {&tier, 1});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  kernel_ = std::make_unique<KernelCommands>(std::move(loaded).value());
}

KernelRules KernelTest::Rules() const {
  KernelRules rules;
  rules.image_device = KeyOf(root()).device;
  return rules;
}

End KernelTest::Run(const std::string& path, const std::vector<std::string>& argv,
                    const std::optional<KernelRules>& rules) {
  return RunCode([&] { return Execute(path, argv); }, rules);
}

End KernelTest::RunCode(const std::function<int()>& code, const std::optional<KernelRules>& rules,
                        const std::function<void()>& before) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  UniqueFd wait(ends[0]);
  UniqueFd go(ends[1]);
  auto child = static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
  EXPECT_GE(child, 0);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(go.get());
    char byte = 0;
    if (read(wait.get(), &byte, 1) != 1) _exit(103);
    _exit(code());
  }
  number_++;
  namespace_ = static_cast<uint32_t>(KeyOf("/proc/" + std::to_string(child) + "/ns/pid").inode);
  if (rules) {
    Result<void> registered = kernel_->Register(number_, namespace_, 0, *rules);
    EXPECT_TRUE(registered.ok()) << registered.error().message;
  }
  before();
  EXPECT_EQ(write(go.get(), "", 1), 1);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  if (kernel_) {
    lost_ = kernel_->lost(number_);
    kernel_->Forget(number_);
  }
  return Read(status);
}

std::vector<KernelEvent> KernelTest::Events() {
  std::vector<KernelEvent> events;
  kernel_->Drain([&](const KernelEvent& event) { events.push_back(event); });
  return events;
}

}  // namespace runward
