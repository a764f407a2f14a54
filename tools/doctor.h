#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/paths.h"
#include "tools/engine_config.h"

namespace runward {

// What is wrong with an installation, and what mends it. Ids are stable.
struct Finding {
  std::string id;
  bool problem = true;  // false: a note, which leaves the exit code alone
  std::string what;
  std::string remedy;  // a command, or what to do
};
using Findings = std::vector<Finding>;

// What the kernel and the clock say. Read by ReadHost, judged by JudgeHost.
struct HostFacts {
  bool overlay = true;
  bool cgroup2 = true;  // the unified hierarchy alone
  bool seccomp = true;
  bool openat2 = true;
  bool clock_synchronised = true;
  bool network_known = true;                  // whether the kernel could be asked
  std::vector<std::string> network_features;  // that network rules need, and it lacks
  Time now;
  Time latest_record;  // of the event log's last write; 0 when there is none
};
HostFacts ReadHost(const Paths& paths);
Findings JudgeHost(const HostFacts& facts);

// An engine as its file configures it and as it runs.
struct EngineFacts {
  EngineConfig engine;
  std::string file;
  bool file_there = false;
  std::string error;  // why the file could not be read
  EngineConfig::Entry entry;
  std::string program_error;                // why the entered program cannot be run
  std::vector<std::string> other_runtimes;  // names that go round the gate
  Time file_changed;
  Time engine_started;  // 0: it does not run (or is no daemon)
  bool runc_diverted = false;
};
// Of the engines that are here; none when the machine has none.
std::vector<EngineFacts> ReadEngines();
Findings JudgeEngine(const EngineFacts& facts);
// When no engine has an entry.
Findings JudgeAll(const std::vector<EngineFacts>& all);

// Policy, keys, verdicts, directories, the real runtime and the hook.
Findings CheckInstallation(const Paths& paths, Time now);

// When the daemon of that name began, to 10 ms; 0 when none runs.
Time DaemonStarted(std::string_view name);

}  // namespace runward
