#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/event_text.h"
#include "base/file.h"
#include "base/trusted_path.h"
#include "tools/config_file.h"
#include "tools/divert.h"
#include "tools/doctor.h"
#include "tools/json_edit.h"
#include "tools/setup.h"

namespace runward {
namespace {

constexpr size_t kMaxFile = size_t{1} << 20;
constexpr int64_t kSecond = 1'000'000'000;

struct Daemon {
  std::string_view engine;
  std::string_view program;  // as /proc/PID/comm says it; "" for no daemon
  std::string_view path;
};
constexpr std::array<Daemon, 4> kDaemons = {{
    {"containerd", "containerd", "/usr/bin/containerd"},
    {"crio", "crio", "/usr/bin/crio"},
    {"docker", "dockerd", "/usr/sbin/dockerd"},
    {"podman", "", "/usr/bin/podman"},
}};

// What Docker was told of besides us: each can be named at `docker run --runtime`.
std::vector<std::string> OtherRuntimes(const std::string& text) {
  constexpr std::array<std::string_view, 1> kRuntimes = {"runtimes"};
  std::vector<std::string> names;
  const auto document = ReadJsonFile(text);
  if (!document.ok()) return names;
  const auto runtimes = FindJsonMember(document.value(), kRuntimes);
  if (!runtimes.ok()) return names;
  for (const JsonValue runtime : runtimes.value()) {
    if (runtime.key() != kRuntimeName) names.emplace_back(runtime.key());
  }
  return names;
}

void ReadText(EngineFacts& facts) {
  struct stat info {};
  facts.file_there = lstat(facts.file.c_str(), &info) == 0;
  if (!facts.file_there) return;
  facts.file_changed = {info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec};
  const auto text = ReadFileCapped(facts.file, kMaxFile, Trust::kOwnerAndParents);
  const auto entry = text.ok() ? facts.engine.find(text.value()) : text.error();
  if (!entry.ok()) {
    facts.error = entry.error().message;
    return;
  }
  facts.entry = entry.value();
  if (facts.engine.name == kDockerConfig.name) facts.other_runtimes = OtherRuntimes(text.value());
  if (facts.entry.program.empty()) return;
  const auto program = ResolveTrusted(facts.entry.program);
  if (!program.ok()) facts.program_error = program.error().message;
}

Finding Of(const EngineFacts& facts, std::string_view id, bool problem, const std::string& what,
           std::string remedy) {
  return {"engine." + std::string(id), problem, std::string(facts.engine.name) + ": " + what,
          std::move(remedy)};
}

// From proc(5)'s ticks since boot: at most one tick (10 ms) before the start.
Time ProcessStarted(const std::string& directory) {
  constexpr int kStartField = 22;
  const auto text = ReadFileCapped(directory + "/stat", 4096, Trust::kAnyone);
  if (!text.ok()) return {};
  // The second field, the program's name, may hold blanks and brackets.
  size_t at = text.value().rfind(')');
  for (int field = 2; field < kStartField && at != std::string::npos; ++field) {
    at = text.value().find(' ', at + 1);
  }
  if (at == std::string::npos) return {};
  const int64_t ticks = std::strtoll(text.value().c_str() + at, nullptr, 10);
  timespec up{};
  clock_gettime(CLOCK_BOOTTIME, &up);
  const int64_t age = up.tv_sec * kSecond + up.tv_nsec - ticks * (kSecond / sysconf(_SC_CLK_TCK));
  return {Now().ns - age};
}

std::string Configure(const EngineFacts& facts, std::string_view words) {
  return "runwardctl configure " + std::string(facts.engine.name) + std::string(words);
}

}  // namespace

Time DaemonStarted(std::string_view name) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto comm = ReadFileCapped(entry.path() / "comm", 64, Trust::kAnyone);
    if (comm.ok() && comm.value() == std::string(name) + "\n") return ProcessStarted(entry.path());
  }
  return {};
}

std::vector<EngineFacts> ReadEngines() {
  std::vector<EngineFacts> all;
  const auto runward = ProgramBeside("runward");
  const std::vector<std::string> runcs = RuncPaths();
  const bool diverted = !runcs.empty() && std::ranges::all_of(runcs, [&](const std::string& path) {
    return DivertedNow(
               {.path = path, .program = runward.ok() ? runward.value() : "", .database = {}}) ==
           Diverted::kYes;
  });
  for (const EngineConfig& engine : EngineConfigs()) {
    const auto daemon = std::ranges::find(kDaemons, engine.name, &Daemon::engine);
    EngineFacts facts{
        .engine = engine, .file = std::string(engine.file), .runc_diverted = diverted};
    ReadText(facts);
    if (!facts.file_there && FileMissing(std::string(daemon->path))) continue;
    if (!daemon->program.empty()) facts.engine_started = DaemonStarted(daemon->program);
    all.push_back(std::move(facts));
  }
  return all;
}

Findings JudgeEngine(const EngineFacts& facts) {
  Findings found;
  if (!facts.error.empty()) {
    found.push_back(Of(facts, "unreadable", true, facts.file + ": " + Printable(facts.error),
                       "mend the file; runwardctl says what it does not understand"));
    return found;
  }
  if (facts.entry.program.empty()) return found;
  if (!facts.program_error.empty()) {
    found.push_back(Of(facts, "program", true, Printable(facts.program_error),
                       Configure(facts, "   (enters the program beside runwardctl)")));
  }
  if (!facts.entry.is_default) {
    found.push_back(Of(facts, "not-default", false,
                       "a container that names no runtime does not come through the gate",
                       Configure(facts, " --default")));
  }
  if (facts.engine_started != Time{} && facts.engine_started < facts.file_changed) {
    found.push_back(Of(facts, "not-restarted", true,
                       "it was started before " + facts.file + " was changed, and has not read it",
                       std::string(facts.engine.restart)));
  }
  for (const std::string& name : facts.other_runtimes) {
    found.push_back(Of(facts, "other-runtime", false,
                       "the runtime \"" + Printable(name) +
                           "\" goes round the gate: docker run "
                           "--runtime " +
                           Printable(name),
                       "take it out of " + facts.file));
  }
  if (!facts.runc_diverted && facts.engine.name == kDockerConfig.name) {
    found.push_back(Of(facts, "plain-runc", false,
                       "docker run --runtime runc and BuildKit's builds go round the gate",
                       Configure(facts, " --divert")));
  }
  return found;
}

Findings JudgeAll(const std::vector<EngineFacts>& all) {
  const bool any = std::ranges::any_of(all, [](const EngineFacts& facts) {
    return !facts.entry.program.empty() || facts.runc_diverted;
  });
  if (any) return {};
  const std::string name = all.empty() ? "docker" : std::string(all.front().engine.name);
  return {{"engine.none", true, "no engine was told of runward: nothing comes through the gate",
           "runwardctl configure " + name + " --default"}};
}

}  // namespace runward
