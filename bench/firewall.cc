// What it takes to install a container's network rules: our transaction, in process, beside `nft
// -f` with the same rules, taking turns, each in a fresh network namespace. Prints medians and
// ratios.
//
// Usage: bench_firewall [ROUNDS]      as root
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "netfilter/install.h"
#include "netfilter/plan_text.h"

namespace runward {
namespace {

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

double Cpu() {
  double used = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      used += static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    }
  }
  return used;
}

// Milliseconds; below 0: it failed. What comes behind the moment in which the rules hold is the
// close of the socket, for which the kernel may wait for what it releases.
struct Taken {
  double done = -1;
  double closed = 0;
  double cpu = 0;  // of this process and those that it waited for
};

// What `what` takes in a network namespace of its own; it returns when it was done, in Now's time.
template <typename F>
Taken InFreshNetwork(F what) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    Taken taken;
    if (unshare(CLONE_NEWNET) == 0) {
      const double used = Cpu();
      const double start = Now();
      const double done = what();
      if (done > 0) taken = {.done = done - start, .closed = Now() - done, .cpu = Cpu() - used};
    }
    _exit(write(ends[1], &taken, sizeof taken) == sizeof taken ? 0 : 1);
  }
  Taken taken;
  if (read(ends[0], &taken, sizeof taken) != sizeof taken) taken = {};
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return taken;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string TenRules() {
  std::string rules;
  for (int i = 0; i < 10; ++i) {
    rules += (i == 0 ? "" : ",") + std::string(R"({"to":["10.0.)") + std::to_string(i) +
             R"(.0/24"],"ports":["443/tcp"]})";
  }
  return rules;
}

std::string TenThousandPrefixes() {
  std::string list;
  for (int i = 0; i < 10000; ++i) {
    list += (i == 0 ? "\"" : ",\"") + std::to_string(20 + i / 5000) + "." +
            std::to_string(i / 40 % 125 * 2) + "." + std::to_string(i % 40 * 2) + ".0/24\"";
  }
  return R"({"to":[)" + list + "]}";
}

void Compare(const char* name, const std::string& allow, int rounds) {
  const auto document =
      JsonDocument::Parse(R"({"egress":{"default":"deny","allow":[)" + allow + "]}}");
  const NetworkRule rule = ReadNetworkRule(document.value().root(), {});
  const NetfilterPlan plan = BuildPlan(rule, {.key = std::string(64, '0')});
  const std::string file = "/tmp/bench-firewall-" + std::to_string(getpid());
  std::ofstream(file) << PlanText(plan);
  const std::string command = "/usr/sbin/nft -f " + file;
  std::vector<double> ours;
  std::vector<double> closes;
  std::vector<double> nfts;
  std::vector<double> cpu;
  std::vector<double> nfts_cpu;
  for (int i = 0; i < rounds; ++i) {
    const Taken taken = InFreshNetwork([&] {
      auto socket = OpenNetfilter();
      const NetfilterPlan made = BuildPlan(rule, {.key = std::string(64, '0')});
      const bool good = socket.ok() && InstallPlanBy(socket.value().get(), made).ok();
      return good ? Now() : -1.0;
    });
    ours.push_back(taken.done);
    closes.push_back(taken.closed);
    cpu.push_back(taken.cpu);
    const Taken nft = InFreshNetwork([&] {
      return std::system(command.c_str()) == 0 ? Now() : -1.0;  // NOLINT
    });
    nfts.push_back(nft.done);
    nfts_cpu.push_back(nft.cpu);
  }
  unlink(file.c_str());
  const double mine = Median(ours);
  const double theirs = Median(nfts);
  std::printf(
      "%-16s ours %7.2f ms (CPU %6.2f), to close %.2f ms   nft -f %7.2f ms (CPU %6.2f)   "
      "ratio %.2f (CPU %.2f)\n",
      name, mine, Median(cpu), Median(closes), theirs, Median(nfts_cpu), mine / theirs,
      Median(cpu) / Median(nfts_cpu));
}

}  // namespace
}  // namespace runward

int main(int argc, char** argv) {
  const auto rounds =
      static_cast<int>(argc > 1 ? std::max(1L, std::strtol(argv[1], nullptr, 10)) : 31L);
  runward::Compare("10 rules", runward::TenRules(), rounds);
  runward::Compare("10,000 prefixes", runward::TenThousandPrefixes(), rounds);
  return 0;
}
