// kernel_cost: what the programs in the kernel (agent/bpf) add to one exec of a tiny static program
// on an overlay. Blocks of execs take turns: without them, with them in no container, in one with
// 100 rules about files and 20 about names, in one that denies drift. And how long a program itself
// runs, as the kernel counts it (`own-time`: that alone). Prints; it judges nothing. Needs root;
// leaves nothing behind.
#include <bpf/bpf.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/kernel_commands.h"
#include "agent/kernel_pins.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

constexpr int kBlocks = 12;
constexpr int kExecs = 2000;
constexpr char kPlace[] = "/tmp/kernel-cost";
constexpr char kPins[] = "/tmp/kernel-cost/pins";
constexpr char kProgram[] = "/tmp/kernel-cost/root/nothing";

[[noreturn]] void Fail(const std::string& what) {
  fprintf(stderr, "kernel_cost: %s\n", what.c_str());
  exit(1);
}

uint64_t Inode(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) Fail("stat " + path);
  return status.st_ino;
}

void MakeImage(const std::string& helpers) {
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", "/tmp", "tmpfs", 0, nullptr) != 0) {
    Fail("no mount namespace: needs root");
  }
  for (const char* part : {"lower", "upper", "work", "root"}) {
    fs::create_directories(fs::path(kPlace) / part);
  }
  fs::copy_file(helpers + "/bench_nothing", fs::path(kPlace) / "lower/nothing");
  if (chdir(kPlace) != 0 ||
      mount("overlay", "root", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work") != 0) {
    Fail("cannot mount an overlay");
  }
}

KernelRules Rules() {
  struct stat status = {};
  if (stat(kProgram, &status) != 0) Fail("stat");
  KernelRules rules;
  rules.image_device = status.st_dev;
  for (uint64_t i = 0; i < 100; i++) {
    rules.files.push_back(
        {.file = {.device = status.st_dev, .inode = (1ULL << 40) + i}, .flags = kFileDenied});
  }
  for (int i = 0; i < 20; i++) rules.names.push_back({.name = "denied" + std::to_string(i)});
  return rules;
}

// A process that executes blocks, first of a pid namespace of its own.
struct Series {
  const char* name;
  bool loaded = true;
  std::optional<KernelRules> rules;
  pid_t pid = 0;
  FILE* to = nullptr;
  FILE* from = nullptr;
  std::vector<double> p10;
  std::vector<double> median;

  void Start(const std::string& helpers) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) Fail("pipe2");
    pid = static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(in[0], 0);
      dup2(out[1], 1);
      execl((helpers + "/bench_execs").c_str(), "execs", kProgram, nullptr);
      _exit(127);
    }
    to = fdopen(in[1], "we");
    from = fdopen(out[0], "re");
  }

  void Block(int execs = kExecs) {
    fprintf(to, "%d\n", execs);
    fflush(to);
    char line[64] = {};
    if (fgets(line, sizeof(line), from) == nullptr) Fail("execs ended");
    char* rest = nullptr;
    const long tenth = strtol(line, &rest, 10);
    const long middle = strtol(rest, nullptr, 10);
    p10.push_back(static_cast<double>(tenth) / 1000);
    median.push_back(static_cast<double>(middle) / 1000);
  }
};

double Middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

KernelCommands Load() {
  constexpr KernelTier kAll[] = {KernelTier::kLsm, KernelTier::kFmodRet, KernelTier::kKill};
  Result<KernelCommands> loaded = KernelCommands::Load(kPins, kAll);
  if (!loaded.ok()) Fail(loaded.error().message);
  return std::move(loaded).value();
}

void Register(KernelCommands& kernel, const std::vector<Series>& all) {
  for (size_t i = 0; i < all.size(); i++) {
    if (!all[i].rules) continue;
    std::string path = "/proc/" + std::to_string(all[i].pid) + "/ns/pid";
    auto done = kernel.Register(i + 1, static_cast<uint32_t>(Inode(path)), 0, *all[i].rules);
    if (!done.ok()) Fail(done.error().message);
  }
}

struct Runs {
  uint64_t ns = 0;
  uint64_t count = 0;
};

Runs RunsOf(const std::string& link_path) {
  UniqueFd link(bpf_obj_get(link_path.c_str()));
  bpf_link_info of_link = {};
  uint32_t size = sizeof(of_link);
  if (bpf_obj_get_info_by_fd(link.get(), &of_link, &size) != 0) Fail("no link " + link_path);
  UniqueFd program(bpf_prog_get_fd_by_id(of_link.prog_id));
  bpf_prog_info info = {};
  size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) Fail("no program");
  return {.ns = info.run_time_ns, .count = info.run_cnt};
}

// How long each program runs for an exec in a series' container, one by one, so that what else the
// machine does can be told from it.
void PrintOwnTime(const KernelCommands& kernel, Series& series) {
  constexpr int kSamples = 1000;
  const UniqueFd counting(bpf_enable_stats(BPF_STATS_RUN_TIME));
  const std::string dir = PinPath(kPins, PinnedVersions(kPins)[0]);
  for (const std::string& link : KernelLinks(kernel.tier())) {
    std::vector<double> taken;
    for (int i = 0; i < kSamples; i++) {
      const Runs before = RunsOf(PinPath(dir, link));
      series.Block(1);
      const Runs after = RunsOf(PinPath(dir, link));
      // More than one: somebody else executed something.
      if (after.count == before.count + 1)
        taken.push_back(static_cast<double>(after.ns - before.ns));
    }
    if (taken.empty()) continue;
    std::sort(taken.begin(), taken.end());
    printf("%-18s %-16s p10 %5.0f ns, median %5.0f ns\n", series.name, link.c_str(),
           taken[taken.size() / 10], taken[taken.size() / 2]);
  }
}

int Main(const std::string& helpers, bool own_time_alone) {
  MakeImage(helpers);
  KernelRules denying = Rules();
  KernelRules drift = Rules();
  drift.drift = KernelDrift::kDeny;
  std::vector<Series> all = {{.name = "bare", .loaded = false},
                             {.name = "no container"},
                             {.name = "deny", .rules = denying},
                             {.name = "deny and drift", .rules = drift}};
  for (Series& series : all) series.Start(helpers);
  for (int block = 0; block < kBlocks && !own_time_alone; block++) {
    RemoveKernelCommands(kPins);
    all[0].Block();
    KernelCommands kernel = Load();
    Register(kernel, all);
    for (size_t i = 1; i < all.size(); i++) all[1 + (i + static_cast<size_t>(block)) % 3].Block();
    if (block == 0) printf("tier %s\n", KernelTierName(kernel.tier()).c_str());
  }
  for (const Series& series : all) {
    if (own_time_alone) break;
    double p10 = Middle(series.p10);
    double median = Middle(series.median);
    printf("%-18s p10 %6.1f us, ratio %.3f; median %6.1f us, ratio %.3f\n", series.name, p10,
           p10 / Middle(all[0].p10), median, median / Middle(all[0].median));
  }
  KernelCommands kernel = Load();
  if (own_time_alone) printf("tier %s\n", KernelTierName(kernel.tier()).c_str());
  Register(kernel, all);
  for (size_t i = 1; i < all.size(); i++) PrintOwnTime(kernel, all[i]);
  for (Series& series : all) fclose(series.to);  // they end
  return 0;
}

}  // namespace
}  // namespace runward

int main(int argc, char** argv) {
  const bool own_time_alone = argc == 2 && std::string(argv[1]) == "own-time";
  if (argc != 1 && !own_time_alone) return 2;
  std::filesystem::path self = std::filesystem::canonical("/proc/self/exe");
  return runward::Main(argv[0] == nullptr ? "" : self.parent_path().string(), own_time_alone);
}
