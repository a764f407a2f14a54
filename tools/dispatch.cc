#include "tools/dispatch.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/rootless.h"
#include "policy/nearest.h"
#include "tools/console.h"
#include "tools/root_flag.h"

namespace runward {
namespace {

using Args = std::span<const std::string>;

constexpr std::string_view kRootFlag = "--runward-root";

bool IsHelp(const std::string& arg) { return arg == "--help" || arg == "-h" || arg == "help"; }

constexpr std::string_view kUserFlag = "--user";

// Takes --runward-root=DIR or --runward-root DIR off the front, as the runtime does.
Result<std::string> TakeRoot(Args& args) {
  if (args.empty() || !args.front().starts_with(kRootFlag)) return std::string();
  std::string root = args.front().substr(kRootFlag.size());
  if (root.starts_with('=')) {
    root.erase(0, 1);
    args = args.subspan(1);
  } else if (root.empty() && args.size() > 1) {
    root = args[1];
    args = args.subspan(2);
  }
  if (root.starts_with('/')) return root;
  return Error{"--runward-root needs an absolute path", "runwardctl --runward-root=/DIR ..."};
}

// Where this call's installation is: root's, one below a directory, or with --user the caller's own
// (base/rootless.h).
Result<Paths> TakePaths(Args& args) {
  if (args.empty() || args.front() != kUserFlag) return PathsFor(TRY(TakeRoot(args)));
  args = args.subspan(1);
  return UserPaths(PathsFor(""));
}

// How many of `args` are the command's words; 0 when it is another.
size_t WordsIn(const Command& command, Args args) {
  size_t count = 0;
  for (std::string_view rest = command.words; !rest.empty(); ++count) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (count == args.size() || args[count] != word) return 0;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return count;
}

std::string HelpText(const std::vector<Command>& commands, std::string_view family) {
  size_t width = 0;
  for (const Command& command : commands) width = std::max(width, command.words.size());
  std::string text = "usage: runwardctl [--runward-root=DIR | --user] COMMAND [ARGUMENTS]\n\n";
  for (const Command& command : commands) {
    if (!command.words.starts_with(family)) continue;
    text += "  " + std::string(command.words) + std::string(width + 2 - command.words.size(), ' ');
    text += std::string(command.help) + "\n";
  }
  return text +
         "\n  runwardctl COMMAND --help   what it takes\n"
         "  runwardctl --version        which version this is\n";
}

std::string CommandHelp(const Command& command) {
  return "usage: runwardctl " + std::string(command.synopsis) + "\n\n" + std::string(command.help) +
         "\n";
}

int Unknown(Args args, const std::vector<Command>& commands) {
  std::string given = args.front();
  if (args.size() > 1 && !args[1].starts_with('-')) given += " " + args[1];
  std::vector<std::string_view> known;
  known.reserve(commands.size());
  for (const Command& command : commands) known.push_back(command.words);
  const std::string_view nearest = NearestName(given, known);
  const std::string hint = nearest.empty() ? "runwardctl --help lists the commands"
                                           : "did you mean: runwardctl " + std::string(nearest);
  return PrintNo("unknown command \"" + given + "\"", hint);
}

// Help on a family ("verdict"), or what is wrong with the words.
int HelpOrUnknown(Args args, const std::vector<Command>& commands) {
  const std::string family = args.front() + " ";
  const bool known = std::ranges::any_of(
      commands, [&](const Command& command) { return command.words.starts_with(family); });
  if (!known || (args.size() > 1 && !IsHelp(args[1]))) return Unknown(args, commands);
  if (args.size() > 1) {
    Print(HelpText(commands, family));
    return Finish(kExitDone);
  }
  std::fputs(HelpText(commands, family).c_str(), stderr);
  return kExitNo;
}

}  // namespace

int Dispatch(Args args, const std::vector<Command>& commands) {
  const Result<Paths> paths = TakePaths(args);
  if (!paths.ok()) return PrintNo(paths.error().message, paths.error().hint);
  SetRootFlag(paths.value().root_flag);
  if (args.empty()) {
    std::fputs(HelpText(commands, "").c_str(), stderr);
    return kExitNo;
  }
  if (IsHelp(args.front())) {
    Print(HelpText(commands, ""));
    return Finish(kExitDone);
  }
  if (args.front() == "--version") {
    Print("runwardctl " RUNWARD_VERSION "\n");
    return Finish(kExitDone);
  }
  for (const Command& command : commands) {
    const size_t words = WordsIn(command, args);
    if (words == 0) continue;
    const Args rest = args.subspan(words);
    if (std::ranges::find(rest, "--help") != rest.end()) {
      Print(CommandHelp(command));
      return Finish(kExitDone);
    }
    return command.run({.paths = paths.value(), .args = rest});
  }
  return HelpOrUnknown(args, commands);
}

}  // namespace runward
