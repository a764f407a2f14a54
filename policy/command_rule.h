#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "policy/run_rule.h"

namespace runward {

// A profile's "commands" section: what may be executed in a container.
//
// A command is a name ("nc", of the file or what it was called by), or an absolute path in the
// container; '*' is any run of characters in a name, and of characters but '/' in a path.

enum class Drift : uint8_t { kAllow, kWarn, kDeny };  // what is not in the image

struct CommandLists {
  std::vector<std::string> deny;
  std::optional<std::vector<std::string>> allow;  // when given, nothing else may be executed
};

struct UserCommands {
  AccountRule users;
  CommandLists lists;
};

// What a command may be given. A pattern is an argument, or the beginning of one when it ends in
// '*'.
struct ArgumentRule {
  std::string command;                            // a name or a path, without '*'
  std::vector<std::string> deny;                  // none of these, or
  std::optional<std::vector<std::string>> allow;  // nothing but these
};

struct CommandRule {
  CommandLists lists;
  Drift drift = Drift::kAllow;
  std::vector<std::string> drift_except;  // paths; all beneath is as good as the image
  std::vector<UserCommands> users;        // hold beside `lists`
  AccountRule exec_users;                 // for what an exec from outside starts
  std::optional<std::vector<std::string>> exec_allow;

  std::vector<ArgumentRule> arguments;
  bool learn = false;     // record what is executed
  bool advisory = false;  // hold the rules also where only seccomp notification can

  // Whether nothing is restricted; and whether there is nothing to record either.
  [[nodiscard]] bool permits_all() const;
  [[nodiscard]] bool empty() const { return permits_all() && !learn; }
};

// Of a section that Validate and CheckCommands found good; nothing restricted for an absent one.
CommandRule ReadCommandRule(JsonValue commands);

// One try to execute a file.
struct CommandTry {
  std::string_view path;                // in the container, symlinks resolved
  std::vector<std::string_view> names;  // more names of the same file, or what it was called by
  uint32_t uid = 0;                     // in the container
  bool drifted = false;                 // not in the image
  bool from_outside = false;  // what `exec` of an engine starts, not a process of the container
};

struct CommandFinding {
  bool denied = true;  // false: to be said, but let through
  std::string rule;    // "commands.deny"
  std::string reason;  // for a person: `"/bin/nc" is denied by "nc"`
};

// Whether an argument is one of the patterns.
bool FitsArgument(const std::vector<std::string>& patterns, std::string_view argument);

// The first rule about arguments that forbids it to be given these; `arguments` without the name
// that it is called by.
std::optional<CommandFinding> JudgeArguments(const CommandRule& rule, const CommandTry& what,
                                             std::span<const std::string> arguments);

// Whether the text is a pattern of arguments as a policy writes it.
bool IsArgumentPattern(std::string_view text);

// The first reason not to execute it; nullopt when there is none.
std::optional<CommandFinding> JudgeCommand(const CommandRule& rule, const CommandTry& what);

// Whether the command of a policy fits the path or one of the names.
bool FitsCommand(std::string_view command, const CommandTry& what);

// Whether the text is a command as a policy writes it.
bool IsCommand(std::string_view text);

}  // namespace runward
