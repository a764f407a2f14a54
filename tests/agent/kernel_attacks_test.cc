// bin/attack in a container made of an overlay, namespaces and rules: how often did denied code
// run?
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

class KernelAttacksTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char* dir : {"proc", "tmp", "volume", "dev", "dev/shm", "lib64"}) {
      fs::create_directories(lower() + dir);
    }
    fs::copy_file(attacks_ + "/attack", lower() + "attack");
    fs::copy_file(attacks_ + "/attack_payload", lower() + "payload");
    fs::copy_file(attacks_ + "/attack_allowed", lower() + "allowed");
    fs::copy_file("/lib64/ld-linux-x86-64.so.2", lower() + kLoader);
    std::ofstream(lower() + "script") << "#!/payload\n";
    fs::permissions(lower() + "script", fs::perms::owner_all);
  }

  // What ran how often, by technique.
  std::map<std::string, int> Attack(const std::optional<KernelRules>& rules) {
    std::string output = dir_ + "/output";
    RunCode([&] { return Enter(output); }, rules);
    std::map<std::string, int> ran;
    std::ifstream lines(output);
    for (std::string line; std::getline(lines, line);) {
      size_t colon = line.find(": ran ");
      if (colon == std::string::npos) continue;
      ran[line.substr(0, colon)] = static_cast<int>(strtol(&line[colon + 6], nullptr, 10));
      printf("  %s\n", line.c_str());
    }
    return ran;
  }

  KernelRules Denying() const {
    KernelRules rules = Rules();
    rules.drift = KernelDrift::kDeny;
    rules.files = {{.file = KeyOf(root() + "/payload"), .flags = kFileDenied},
                   {.file = KeyOf(root() + kLoader), .flags = kFileLoader},
                   {.file = KeyOf(root() + "/bin/busybox"), .flags = kFileMultiCall}};
    rules.names = {{.name = "false"}};
    rules.arguments = {{.files = {}, .name = "expr", .patterns = {"deny-the-word"}, .rule = 3}};
    return rules;
  }

 private:
  static constexpr char kLoader[] = "/lib64/ld-linux-x86-64.so.2";
  std::string lower() const { return dir_ + "/lower/"; }

  int Enter(const std::string& output) {
    int out = open(output.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (unshare(CLONE_NEWNS) != 0 || chdir(root().c_str()) != 0) return 1;
    for (const char* dir : {"tmp", "volume", "dev", "dev/shm"}) {
      fs::create_directories(dir);
      if (mount("runward-test", dir, "tmpfs", 0, nullptr) != 0) return 1;
    }
    if (mount("proc", "proc", "proc", 0, nullptr) != 0) return 1;
    // In the root's place, as in a container: who is merely in a chroot gets no user namespace.
    if (mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 || chroot(".") != 0) return 1;
    dup2(out, 1);
    const char* count = getenv("RUNWARD_ATTACK_COUNT");
    execl("/attack", "attack", "--count", count != nullptr ? count : "500", "all", nullptr);
    return 1;
  }
};

// Each of them runs the code where nothing denies it, else its zero below would say nothing. A race
// that is never won in one go of a loaded machine is run again.
TEST_F(KernelAttacksTest, TechniquesRunTheCodeWhereNoRuleDeniesIt) {
  std::map<std::string, int> ran;
  const auto never_ran = [](const auto& technique) {
    // No x32 calls, as on most kernels; the program that runs may not name another as its own.
    return technique.second == 0 && technique.first != "x32" && technique.first != "proc-exe";
  };
  for (int tries = 0; tries < 10 && (ran.empty() || std::ranges::any_of(ran, never_ran)); ++tries) {
    for (const auto& [technique, times] : Attack(std::nullopt)) ran[technique] += times;
  }
  EXPECT_GE(ran.size(), 50U);
  for (const auto& technique : ran) EXPECT_FALSE(never_ran(technique)) << technique.first;
}

TEST_F(KernelAttacksTest, DeniedCodeDoesNotRun) {
  // What no rule about files can see. The kill alone also misses what a running program maps.
  std::vector<std::string> missed = {"anonymous"};
  if (kernel_->tier() == KernelTier::kKill) {
    for (const char* map :
         {"mmap", "mmap-shared", "mmap-copy", "memfd-mmap", "mprotect", "read-implies-exec"}) {
      missed.emplace_back(map);
    }
  }
  std::map<std::string, int> ran = Attack(Denying());
  EXPECT_GE(ran.size(), 50U);
  for (const auto& [technique, times] : ran) {
    if (testing::Value(missed, testing::Contains(technique))) continue;
    EXPECT_EQ(times, 0) << technique;
  }
}

}  // namespace
}  // namespace runward
