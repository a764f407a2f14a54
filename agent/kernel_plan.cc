#include "agent/kernel_plan.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "oci/secret_config.h"
#include "policy/wording.h"

namespace runward {
namespace {

// Where dynamic programs look for their interpreter.
constexpr std::array<const char*, 5> kLoaders = {
    "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux.so.2", "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"};
constexpr std::array<const char*, 5> kMultiCalls = {
    "/bin/busybox", "/usr/bin/busybox", "/bin/toybox", "/usr/bin/coreutils", "/bin/coreutils"};

bool IsPattern(const std::string& command) { return command.find('*') != std::string::npos; }
bool IsPath(const std::string& command) { return command.front() == '/'; }

struct Listed {
  const std::string& command;
  bool denied;
  uint16_t rule;
};

class Planner {
 public:
  Planner(const Watched& container, int root) : container_(container), root_(root) {
    const auto& mount = container.mounts.front().mount;
    device_ = DeviceOf(mount);
    plan_.rules.image_device = device_;
    plan_.rules.enforce = container.record.mode == Mode::kEnforce;
    plan_.rules.allow_list = container.rule.lists.allow.has_value();
    plan_.rules.drift = static_cast<KernelDrift>(container.rule.drift);
    plan_.rules.record = container.rule.learn;
  }

  KernelPlan Plan(KernelTier tier) {
    const CommandRule& rule = container_.rule;
    plan_.complete =
        rule.users.empty() && !rule.exec_users.limited && !rule.exec_allow && !rule.learn;
    for (const std::string& command : rule.lists.deny) Add(command, true);
    if (rule.lists.allow) {
      for (const std::string& command : *rule.lists.allow) Add(command, false);
    }
    for (const char* path : kMultiCalls) AddFile(path, kFileMultiCall, 0);
    // Where the kernel is asked about mappings too, a loader that is executed cannot do more than
    // the program could.
    const bool maps = tier != KernelTier::kKill;
    const bool needed = rule.drift == Drift::kDeny || rule.lists.allow;
    for (const char* path : kLoaders) {
      AddFile(path, !maps && needed ? kFileLoader | kFileAllowed : kFileAllowed, 0);
    }
    for (const std::string& directory : rule.drift_except) AddExcept(directory);
    AddHelper();
    for (const ArgumentRule& one : rule.arguments) AddArguments(one);
    return std::move(plan_);
  }

 private:
  void Add(const std::string& command, bool denied) {
    const uint16_t number = NextNumber();
    plan_.commands.push_back(command);
    const Listed listed{command, denied, number};
    if (!IsPath(command) && !IsPattern(command)) {
      plan_.rules.names.push_back({command, denied, number});
    }
    const bool found = AddFiles(listed);
    if (IsPattern(command) || (IsPath(command) && !found)) plan_.complete = false;
  }

  // The files that are known to be the command (agent/command_files.h).
  bool AddFiles(const Listed& listed) {
    bool found = false;
    for (const auto& [inode, paths] : container_.files.names) {
      const CommandTry what{.path = paths.front(), .names = {paths.begin(), paths.end()}};
      if (!FitsCommand(listed.command, what)) continue;
      found = true;
      const uint16_t flag = listed.denied ? kFileDenied : kFileAllowed;
      plan_.rules.files.push_back({{device_, inode}, flag, listed.rule});
    }
    return found;
  }

  // A path where no file is yet stands for its name: that may hold more, and never less.
  void AddArguments(const ArgumentRule& rule) {
    KernelArguments made{.files = {},
                         .name = rule.command.substr(rule.command.rfind('/') + 1),
                         .allow = rule.allow.has_value(),
                         .patterns = rule.allow ? *rule.allow : rule.deny,
                         .rule = NextNumber()};
    plan_.commands.push_back(rule.command);
    for (const auto& [inode, paths] : container_.files.names) {
      const CommandTry what{.path = paths.front(), .names = {paths.begin(), paths.end()}};
      if (FitsCommand(rule.command, what)) made.files.push_back({device_, inode});
    }
    if (IsPath(rule.command) && !made.files.empty()) made.name.clear();
    plan_.rules.arguments.push_back(std::move(made));
  }

  [[nodiscard]] uint16_t NextNumber() const {
    return static_cast<uint16_t>(std::min<size_t>(plan_.commands.size(), UINT16_MAX));
  }

  void AddFile(const std::string& path, int flags, uint16_t rule) {
    const UniqueFd file = OpenIn(root_, path);
    struct stat info {};
    if (!file.valid() || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
    plan_.rules.files.push_back({{device_, info.st_ino}, static_cast<uint16_t>(flags), rule});
  }

  // runward-env: no list need name it, and it is no drift.
  void AddHelper() {
    if (!container_.helper) return;
    for (const ContainerMount& one : container_.mounts) {
      if (one.place != kEnvHelper) continue;
      plan_.rules.files.push_back(
          {{DeviceOf(one.mount), container_.helper->inode}, kFileAllowed | kExceptDirectory, 0});
    }
  }

  void AddExcept(const std::string& directory) {
    const UniqueFd place = OpenIn(root_, directory);
    struct stat info {};
    if (!place.valid() || fstat(place.get(), &info) != 0) {
      plan_.complete = false;
      return;
    }
    // The mount that it lies on: the longest place that it is beneath.
    uint64_t device = device_;
    size_t longest = 0;
    for (const ContainerMount& one : container_.mounts) {
      const bool beneath = directory == one.place || directory.starts_with(one.place + "/");
      if (!beneath || one.place.size() < longest) continue;
      longest = one.place.size();
      device = DeviceOf(one.mount);
    }
    plan_.rules.files.push_back({{device, info.st_ino}, kExceptDirectory, 0});
  }

  const Watched& container_;
  int root_;
  uint64_t device_ = 0;
  KernelPlan plan_;
};

std::string CommandOf(const KernelEvent& event, const std::vector<std::string>& commands) {
  return event.rule < commands.size() ? commands[event.rule] : "";
}

}  // namespace

KernelPlan PlanForKernel(const Watched& container, int root, KernelTier tier) {
  return Planner(container, root).Plan(tier);
}

CommandFinding FindingOf(const KernelEvent& event, const std::vector<std::string>& commands) {
  const std::string file = Quoted(event.filename);
  CommandFinding finding{.rule = "commands.deny", .reason = ""};
  switch (event.cause) {
    case KernelCause::kDrift:
      finding.rule = "commands.drift";
      finding.reason = file + " is not a file of the image";
      break;
    case KernelCause::kLoader:
      finding.rule = "commands.loader";
      finding.reason = file + " is the dynamic loader, which may not be executed by itself";
      break;
    case KernelCause::kNotListed:
      finding.rule = "commands.allow";
      finding.reason = file + " is not among the commands allowed";
      break;
    case KernelCause::kArguments:
      finding.rule = "commands.arguments";
      finding.reason = file + " was given arguments that the rule about " +
                       Quoted(CommandOf(event, commands)) + " forbids";
      break;
    default:
      finding.reason = file + " is denied by the command " + Quoted(CommandOf(event, commands));
  }
  if (event.mapping) finding.reason += ", and it was made executable in memory";
  finding.denied = event.decision != KernelDecision::kWarned;
  return finding;
}

uint64_t DeviceOf(const Mount& mount) {
  unsigned major = 0;
  unsigned minor = 0;
  const std::string& text = mount.device;
  const char* end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, major);
  if (error != std::errc{} || colon == end) return 0;
  std::from_chars(colon + 1, end, minor);
  return makedev(major, minor);
}

}  // namespace runward
