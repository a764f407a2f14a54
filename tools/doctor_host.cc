#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "netfilter/features.h"
#include "tools/doctor.h"

namespace runward {
namespace {

constexpr size_t kMaxProc = size_t{64} << 10;
constexpr int64_t kSecond = 1'000'000'000;

bool FileSays(const std::string& path, std::string_view word) {
  const auto text = ReadFileCapped(path, kMaxProc, Trust::kAnyone);
  return text.ok() && text.value().find(word) != std::string::npos;
}

bool HasOpenat2() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  const auto fd = static_cast<int>(syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how));
  if (fd >= 0) close(fd);
  return fd >= 0 || errno != ENOSYS;
}

std::string WhatGoes(const std::string& feature) {
  if (feature.starts_with("events")) return ": the agent does not tell of containers' networks";
  const std::string those = feature.starts_with("filters")
                                ? "\"network\" with \"capabilities\": \"veth\""
                                : "\"network\"";
  return ": containers whose profile has " + those + " do not start";
}

}  // namespace

HostFacts ReadHost(const Paths& paths) {
  HostFacts facts;
  facts.overlay = FileSays("/proc/filesystems", "\toverlay\n");
  facts.cgroup2 = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
  facts.seccomp = FileSays("/proc/sys/kernel/seccomp/actions_avail", "errno");
  facts.openat2 = HasOpenat2();
  const auto missing = MissingNetworkFeatures();
  facts.network_known = missing.ok();
  if (missing.ok()) facts.network_features = missing.value();
  timex clock{};
  facts.clock_synchronised = adjtimex(&clock) != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
  facts.now = Now();
  struct stat info {};
  if (stat((paths.log + "/events.jsonl").c_str(), &info) == 0) {
    facts.latest_record = {info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec};
  }
  return facts;
}

Findings JudgeHost(const HostFacts& facts) {
  Findings found;
  if (!facts.overlay) {
    found.push_back({"kernel.overlay", true,
                     "the kernel has no overlay file system, by which images are identified",
                     "modprobe overlay"});
  }
  if (!facts.cgroup2) {
    found.push_back({"kernel.cgroup2", false,
                     "the unified control groups (cgroup v2) are not mounted at /sys/fs/cgroup",
                     "boot with systemd.unified_cgroup_hierarchy=1"});
  }
  if (!facts.seccomp) {
    found.push_back({"kernel.seccomp", true, "the kernel has no seccomp filters",
                     "boot a kernel with CONFIG_SECCOMP_FILTER"});
  }
  if (!facts.openat2) {
    found.push_back(
        {"kernel.openat2", true, "the kernel has no openat2 (Linux 5.6)", "boot a newer kernel"});
  }
  for (const std::string& feature : facts.network_features) {
    found.push_back({"kernel.network", false, "the kernel lacks " + feature + WhatGoes(feature),
                     "boot a kernel that has it"});
  }
  if (!facts.network_known) {
    found.push_back({"kernel.network", false,
                     "what the kernel has for network rules could not be asked for",
                     "run it as root, where network namespaces can be made"});
  }
  // Expiry is the clock's: one that stands behind the log's last record was set back.
  if (facts.now < facts.latest_record) {
    found.push_back({"clock.behind", true,
                     "the clock says " + FormatTime(facts.now) +
                         ", and the event log was written at " + FormatTime(facts.latest_record),
                     "set the clock; verdicts expire by it"});
  }
  if (!facts.clock_synchronised) {
    found.push_back({"clock.unsynchronised", false,
                     "the kernel does not count its clock as synchronised; verdicts expire by it",
                     "apt install chrony"});
  }
  return found;
}

}  // namespace runward
