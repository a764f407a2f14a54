#include "policy/command_schema.h"

#include <algorithm>
#include <array>

#include "policy/command_rule.h"
#include "policy/run_check.h"
#include "policy/wording.h"

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 3> kDrifts = {"deny", "warn", "allow"};

constexpr std::array<KeySpec, 2> kExecKeys = {{
    {.name = "allow",
     .shape = Shape::kCommand,
     .count = Count::kAny,
     .help = "The commands that an exec from outside (docker exec, kubectl exec) may start; [] is "
             "none."},
    {.name = "users",
     .shape = Shape::kAccount,
     .count = Count::kSome,
     .help = "The users as which an exec from outside may start anything."},
}};
constexpr ObjectSpec kExec = {"exec", "What an exec from outside may start.", kExecKeys};

constexpr std::array<KeySpec, 3> kUserKeys = {{
    {.name = "allow",
     .shape = Shape::kCommand,
     .count = Count::kAny,
     .help = "The only commands that these users may execute; [] is none."},
    {.name = "deny",
     .shape = Shape::kCommand,
     .count = Count::kSome,
     .help = "Commands that these users may not execute."},
    {.name = "users",
     .shape = Shape::kAccount,
     .count = Count::kSome,
     .required = true,
     .help = "Whom the element is about: \"non-root\", numbers, ranges, and names of the image's "
             "own passwd file."},
}};
constexpr ObjectSpec kUsers = {"users' commands", "What some users may execute.", kUserKeys};

constexpr std::array<KeySpec, 3> kArgumentKeys = {{
    {.name = "allow",
     .shape = Shape::kText,
     .count = Count::kAny,
     .help = "All that it may be given: arguments, or beginnings of them that end in '*'."},
    {.name = "command",
     .shape = Shape::kCommand,
     .required = true,
     .help = "A name or an absolute path, without '*'."},
    {.name = "deny",
     .shape = Shape::kText,
     .count = Count::kSome,
     .help = "What it may not be given: arguments, or beginnings of them that end in '*'."},
}};
constexpr ObjectSpec kArguments = {"rule about arguments", "What a command may be given.",
                                   kArgumentKeys};

constexpr std::array<KeySpec, 9> kCommandKeys = {{
    {.name = "advisory",
     .shape = Shape::kBool,
     .help = "Whether containers may start where nothing better than seccomp notification holds "
             "the rules, which a program that means to can get round.",
     .fallback = "false"},
    {.name = "allow",
     .shape = Shape::kCommand,
     .count = Count::kAny,
     .help = "The only commands that may be executed, interpreters of scripts among them; [] is "
             "none."},
    {.name = "arguments",
     .shape = Shape::kObject,
     .count = Count::kSome,
     .help = "What some commands may be given: either `deny`, or `allow` and nothing else.",
     .object = &kArguments},
    {.name = "deny",
     .shape = Shape::kCommand,
     .count = Count::kSome,
     .help = "Commands that may not be executed: names (\"nc\"), or absolute paths; '*' is any run "
             "of characters but '/'."},
    {.name = "drift",
     .shape = Shape::kChoice,
     .help = "Whether files that are not the image's (written, copied, downloaded, in memory, on "
             "volumes) may be executed.",
     .fallback = "\"allow\"",
     .choices = kDrifts},
    {.name = "driftExcept",
     .shape = Shape::kHostPath,
     .count = Count::kSome,
     .help = "Directories of the container, such as a volume's or a build's, whose files may be "
             "executed all the same."},
    {.name = "exec",
     .shape = Shape::kObject,
     .help = "What an exec from outside may start.",
     .object = &kExec},
    {.name = "learn",
     .shape = Shape::kBool,
     .help = "Whether the agent records each command, its user and what executed it, by image: "
             "runwardctl report commands.",
     .fallback = "false"},
    {.name = "users",
     .shape = Shape::kObject,
     .count = Count::kSome,
     .help = "What some users may execute; these rules hold beside the others.",
     .object = &kUsers},
}};

void CheckLists(const JsonValue& object, Problems& problems) {
  for (const JsonValue allowed : object.Find("allow")) {
    for (const JsonValue denied : object.Find("deny")) {
      if (allowed.text() != denied.text()) continue;
      problems.At(allowed, Quoted(allowed.text()) + " is denied and allowed",
                  "leave it out of one of the two lists");
    }
  }
}

void CheckPatterns(const JsonValue& list, Problems& problems) {
  for (const JsonValue pattern : list) {
    if (IsArgumentPattern(pattern.text())) continue;
    problems.At(pattern, Quoted(pattern.text()) + " is no argument to compare with",
                "1 to 100 bytes, and '*' only at its end");
  }
}

void CheckArguments(const JsonValue& rules, Problems& problems) {
  std::vector<std::string_view> seen;
  for (const JsonValue rule : rules) {
    const JsonValue command = rule.Find("command");
    if (command.text().find('*') != std::string_view::npos) {
      problems.At(command, "a rule about arguments is about one command", "leave out the '*'");
    }
    if (std::ranges::find(seen, command.text()) != seen.end()) {
      problems.At(command, "two rules are about the arguments of " + Quoted(command.text()),
                  "make one of them");
    }
    seen.push_back(command.text());
    if (bool{rule.Find("allow")} == bool{rule.Find("deny")}) {
      problems.At(rule, "a rule about arguments has either \"deny\" or \"allow\"",
                  "choose one: what is not listed is allowed, or denied");
    }
    CheckPatterns(rule.Find("allow"), problems);
    CheckPatterns(rule.Find("deny"), problems);
  }
}

bool Lists(const std::vector<std::string>& list, const std::string& text) {
  return std::ranges::find(list, text) != list.end();
}

bool DeniesLess(const CommandLists& was, const CommandLists& is) {
  // With an allow list of its own, a command need not be denied to be impossible.
  return !std::ranges::all_of(was.deny, [&](const std::string& command) {
    return Lists(is.deny, command) || (is.allow && !Lists(*is.allow, command));
  });
}

bool AllowsMore(const std::optional<std::vector<std::string>>& was,
                const std::optional<std::vector<std::string>>& is) {
  if (!was) return false;
  if (!is) return true;
  return !std::ranges::all_of(*is, [&](const std::string& one) { return Lists(*was, one); });
}

bool ExceptsMore(const CommandRule& was, const CommandRule& is) {
  if (was.drift == Drift::kAllow) return false;
  return !std::ranges::all_of(is.drift_except,
                              [&](const std::string& one) { return Lists(was.drift_except, one); });
}

}  // namespace

constinit const ObjectSpec kCommandSchema = {
    "commands", "What may be executed in a container, decided as it is executed.", kCommandKeys};

void CheckCommands(const JsonValue& commands, Problems& problems) {
  if (commands && commands.size() == 0) {
    problems.At(commands, "\"commands\" restricts nothing", "add \"drift\": \"deny\"");
  }
  if (commands.size() == 1 && commands.Find("advisory")) {
    problems.At(commands.Find("advisory"), "\"advisory\" alone restricts nothing",
                "add \"drift\": \"deny\"");
  }
  CheckLists(commands, problems);
  for (const JsonValue element : commands.Find("users")) {
    CheckLists(element, problems);
    if (element.Find("allow") || element.Find("deny")) continue;
    problems.At(element, "the element restricts nothing", "add \"deny\" or \"allow\"");
  }
  CheckArguments(commands.Find("arguments"), problems);
  const JsonValue except = commands.Find("driftExcept");
  const std::string_view drift = commands.Find("drift").text();
  if (except && (drift.empty() || drift == "allow")) {
    problems.At(except, "\"driftExcept\" has no effect where drift is allowed",
                "add \"drift\": \"deny\"");
  }
}

std::string CommandsLaxerWays(const JsonValue& was, const JsonValue& is) {
  const CommandRule before = ReadCommandRule(was);
  const CommandRule after = ReadCommandRule(is);
  std::string ways;
  const auto add = [&ways](bool laxer, string_view way) {
    if (laxer) ways.append(ways.empty() ? "" : ", ").append(way);
  };
  add(DeniesLess(before.lists, after.lists), "commands deny less");
  add(AllowsMore(before.lists.allow, after.lists.allow), "commands allow more");
  add(after.drift < before.drift, "commands let drift through");
  add(ExceptsMore(before, after), "commands except more from drift");
  add(AllowsMore(before.exec_allow, after.exec_allow) ||
          (before.exec_users.limited && !AccountsWithin(before.exec_users, after.exec_users)),
      "commands let exec do more");
  // Each element restricts, so one that is not there again lets its users do more.
  const std::string_view users = was.Find("users").raw();
  add(!before.users.empty() && users != is.Find("users").raw(), "commands of users differ");
  add(!before.advisory && after.advisory, "commands may be held by seccomp notification alone");
  const std::string_view arguments = was.Find("arguments").raw();
  add(!before.arguments.empty() && arguments != is.Find("arguments").raw(),
      "commands' arguments differ");
  return ways;
}

}  // namespace runward
