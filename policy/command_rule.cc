#include "policy/command_rule.h"

#include <algorithm>

#include "base/glob.h"
#include "policy/wording.h"

namespace runward {
namespace {

std::vector<std::string> TextsOf(JsonValue list) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const JsonValue item : list) texts.emplace_back(item.text());
  return texts;
}

CommandLists ListsOf(JsonValue object) {
  CommandLists lists{.deny = TextsOf(object.Find("deny")), .allow = {}};
  if (const JsonValue allow = object.Find("allow")) lists.allow = TextsOf(allow);
  return lists;
}

Drift DriftOf(std::string_view text) {
  if (text == "deny") return Drift::kDeny;
  return text == "warn" ? Drift::kWarn : Drift::kAllow;
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

const std::string* Fitting(const std::vector<std::string>& commands, const CommandTry& what) {
  const auto found = std::ranges::find_if(
      commands, [&](const std::string& command) { return FitsCommand(command, what); });
  return found == commands.end() ? nullptr : &*found;
}

std::optional<CommandFinding> JudgeLists(const CommandLists& lists, const CommandTry& what,
                                         const std::string& section) {
  if (const std::string* denied = Fitting(lists.deny, what)) {
    return CommandFinding{
        .rule = section + ".deny",
        .reason = Quoted(what.path) + " is denied by the command " + Quoted(*denied)};
  }
  if (lists.allow && Fitting(*lists.allow, what) == nullptr) {
    return CommandFinding{.rule = section + ".allow",
                          .reason = Quoted(what.path) + " is not among the commands allowed"};
  }
  return std::nullopt;
}

bool Beneath(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

std::optional<CommandFinding> JudgeDrift(const CommandRule& rule, const CommandTry& what) {
  if (!what.drifted || rule.drift == Drift::kAllow) return std::nullopt;
  for (const std::string& except : rule.drift_except) {
    if (Beneath(what.path, except)) return std::nullopt;
  }
  return CommandFinding{.denied = rule.drift == Drift::kDeny,
                        .rule = "commands.drift",
                        .reason = Quoted(what.path) + " is not a file of the image"};
}

std::optional<CommandFinding> JudgeOutside(const CommandRule& rule, const CommandTry& what) {
  if (!what.from_outside) return std::nullopt;
  if (!Permits(rule.exec_users, what.uid)) {
    return CommandFinding{.rule = "commands.exec.users",
                          .reason = "user " + std::to_string(what.uid) +
                                    " may not execute from outside; " +
                                    DescribeAccounts(rule.exec_users) + " may"};
  }
  if (rule.exec_allow && Fitting(*rule.exec_allow, what) == nullptr) {
    return CommandFinding{
        .rule = "commands.exec.allow",
        .reason = Quoted(what.path) + " is not among the commands that exec may run"};
  }
  return std::nullopt;
}

}  // namespace

bool CommandRule::permits_all() const {
  return lists.deny.empty() && !lists.allow && drift == Drift::kAllow && users.empty() &&
         !exec_users.limited && !exec_allow && arguments.empty();
}

CommandRule ReadCommandRule(JsonValue commands) {
  CommandRule rule;
  rule.lists = ListsOf(commands);
  rule.drift = DriftOf(commands.Find("drift").text());
  rule.drift_except = TextsOf(commands.Find("driftExcept"));
  for (const JsonValue element : commands.Find("users")) {
    rule.users.push_back({ReadAccounts(element.Find("users")), ListsOf(element)});
  }
  const JsonValue exec = commands.Find("exec");
  if (const JsonValue users = exec.Find("users")) rule.exec_users = ReadAccounts(users);
  if (const JsonValue allow = exec.Find("allow")) rule.exec_allow = TextsOf(allow);
  for (const JsonValue element : commands.Find("arguments")) {
    ArgumentRule one{.command = std::string(element.Find("command").text()),
                     .deny = TextsOf(element.Find("deny")),
                     .allow = {}};
    if (const JsonValue allow = element.Find("allow")) one.allow = TextsOf(allow);
    rule.arguments.push_back(std::move(one));
  }
  rule.learn = commands.Find("learn").text() == "true";
  rule.advisory = commands.Find("advisory").text() == "true";
  return rule;
}

std::optional<CommandFinding> JudgeCommand(const CommandRule& rule, const CommandTry& what) {
  if (auto found = JudgeLists(rule.lists, what, "commands")) return found;
  for (const UserCommands& element : rule.users) {
    if (!Permits(element.users, what.uid)) continue;
    if (auto found = JudgeLists(element.lists, what, "commands.users")) return found;
  }
  if (auto found = JudgeOutside(rule, what)) return found;
  return JudgeDrift(rule, what);
}

bool FitsArgument(const std::vector<std::string>& patterns, std::string_view argument) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == argument;
    return argument.starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

std::optional<CommandFinding> JudgeArguments(const CommandRule& rule, const CommandTry& what,
                                             std::span<const std::string> arguments) {
  for (const ArgumentRule& one : rule.arguments) {
    if (!FitsCommand(one.command, what)) continue;
    for (const std::string& argument : arguments) {
      const bool listed = FitsArgument(one.allow ? *one.allow : one.deny, argument);
      if (listed == one.allow.has_value()) continue;
      return CommandFinding{.rule = "commands.arguments",
                            .reason = Quoted(what.path) + " may not be given " + Quoted(argument)};
    }
  }
  return std::nullopt;
}

bool IsArgumentPattern(std::string_view text) {
  constexpr size_t kLongest = 100;
  if (text.empty() || text.size() > kLongest) return false;
  const size_t star = text.find('*');
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return star >= text.size() - 1 && std::ranges::none_of(text, control);
}

bool FitsCommand(std::string_view command, const CommandTry& what) {
  if (command.front() == '/') {
    if (PathGlobMatch(command, what.path)) return true;
    return std::ranges::any_of(what.names,
                               [&](std::string_view name) { return PathGlobMatch(command, name); });
  }
  if (GlobMatch(command, BaseName(what.path))) return true;
  return std::ranges::any_of(
      what.names, [&](std::string_view name) { return GlobMatch(command, BaseName(name)); });
}

bool IsCommand(std::string_view text) {
  constexpr size_t kLongestName = 63;
  constexpr size_t kLongestPath = 1024;
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (text.empty() || text.size() > kLongestPath) return false;
  if (std::ranges::any_of(text, control)) return false;
  if (text.find('/') == std::string_view::npos) {
    return text.size() <= kLongestName && text != "." && text != "..";
  }
  if (text.front() != '/') return false;
  while (!text.empty()) {
    text.remove_prefix(1);  // the slash
    const std::string_view part = text.substr(0, text.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    text.remove_prefix(part.size());
  }
  return true;
}

}  // namespace runward
