#include "agent/kernel_plan.h"

#include <algorithm>

#include "agent/loader_rule.h"
#include "oci/secret_config.h"
#include "policy/wording.h"

namespace runward {
namespace {

bool IsPattern(const std::string& command) { return command.find('*') != std::string::npos; }
bool IsPath(const std::string& command) { return command.front() == '/'; }

struct Listed {
  const std::string& command;
  bool denied;
  uint16_t rule;
};

class Planner {
 public:
  explicit Planner(const Watched& container) : container_(container) {
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
    plan_.rules.needs_agent =
        !rule.users.empty() || rule.exec_users.limited || rule.exec_allow.has_value();
    for (const std::string& command : rule.lists.deny) Add(command, true);
    if (rule.lists.allow) {
      for (const std::string& command : *rule.lists.allow) Add(command, false);
    }
    for (const uint64_t inode : container_.files.multi_calls) AddFile(inode, kFileMultiCall);
    for (const uint64_t inode : container_.files.loaders) {
      const bool forbidden = LoaderGoesRound(rule, container_.files, tier) && !Allowed(inode);
      AddFile(inode, forbidden ? kFileLoader | kFileAllowed : kFileAllowed);
    }
    for (const std::string& directory : rule.drift_except) AddExcept(directory);
    AddHelper();
    for (const ArgumentRule& one : rule.arguments) AddArguments(one);
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool Allowed(uint64_t inode) const {
    const auto known = container_.files.names.find(inode);
    if (known == container_.files.names.end()) return false;
    const auto& paths = known->second;
    return AllowsAll(container_.rule,
                     {.path = paths.front(), .names = {paths.begin(), paths.end()}});
  }

  void Add(const std::string& command, bool denied) {
    const uint16_t number = NextNumber();
    plan_.commands.push_back(command);
    const Listed listed{command, denied, number};
    if (!IsPath(command) && !IsPattern(command)) {
      plan_.rules.names.push_back({command, denied, number});
    }
    const bool found = AddFiles(listed);
    // An allow list in the kernel is the narrower one by what it does not know.
    if (!IsPattern(command) && (!IsPath(command) || found)) return;
    plan_.complete = false;
    if (denied) plan_.rules.needs_agent = true;
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

  void AddFile(uint64_t inode, int flags) {
    plan_.rules.files.push_back({{device_, inode}, static_cast<uint16_t>(flags), 0});
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
    const auto found = container_.files.excepted.find(directory);
    if (found == container_.files.excepted.end()) {
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
    plan_.rules.files.push_back({{device, found->second}, kExceptDirectory, 0});
  }

  const Watched& container_;
  uint64_t device_ = 0;
  KernelPlan plan_;
};

std::string CommandOf(const KernelEvent& event, const std::vector<std::string>& commands) {
  return event.rule < commands.size() ? commands[event.rule] : "";
}

}  // namespace

KernelPlan PlanForKernel(const Watched& container, KernelTier tier) {
  return Planner(container).Plan(tier);
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
      finding.reason = event.mapping
                           ? file + " was to be run by a dynamic loader that was executed by itself"
                           : file + " is a dynamic loader, which may not be executed by itself";
      break;
    case KernelCause::kNotListed:
      finding.rule = "commands.allow";
      finding.reason = file + " is not among the commands allowed";
      break;
    case KernelCause::kUnasked:
      finding.rule = "commands.agent";
      finding.reason = file + " was executed while no runward-agent could be asked about it";
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

}  // namespace runward
