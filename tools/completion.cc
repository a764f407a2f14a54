#include "tools/completion.h"

#include <algorithm>
#include <map>
#include <set>

#include "tools/console.h"
#include "tools/options.h"
#include "tools/setup.h"

namespace runward {
namespace {

constexpr std::string_view kRootFlag = "--runward-root=";
// Not at a terminal, so that it asks nobody for a passphrase.
constexpr std::string_view kNames = "runwardctl vault list --names 2>/dev/null </dev/null";

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

bool Small(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

// In single quotes of a shell; our tables hold no more than that.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void AddWord(std::string_view word, Completable& to) {
  if (word.starts_with("--")) {
    const std::string flag(word.substr(0, word.find_first_of("|=")));
    if (std::ranges::find(to.flags, flag) == to.flags.end()) to.flags.push_back(flag);
    return;
  }
  to.secrets |= word == "NAME" && to.words.starts_with("vault ");
  std::vector<std::string> choices;
  while (true) {
    const size_t bar = word.find('|');
    if (!Small(word.substr(0, bar))) return;
    choices.emplace_back(word.substr(0, bar));
    if (bar == std::string_view::npos) break;
    word.remove_prefix(bar + 1);
  }
  if (choices.size() > 1 && to.flags.empty()) to.choices = choices;
}

Completable Read(const Command& command) {
  Completable one{.words = std::string(command.words), .help = std::string(command.help)};
  std::string text(command.synopsis.substr(command.words.size()));
  std::ranges::replace_if(
      text, [](char c) { return c == '[' || c == ']' || c == '(' || c == ')' || c == '\n'; }, ' ');
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) AddWord(std::string_view(text).substr(at, end - at), one);
    at = end + 1;
  }
  one.flags.emplace_back("--help");
  return one;
}

// {"policy": {"check", "init"}, "doctor": {}}
std::map<std::string, std::vector<std::string>> Families(const std::vector<Completable>& commands) {
  std::map<std::string, std::vector<std::string>> families;
  for (const Completable& command : commands) {
    const size_t blank = command.words.find(' ');
    auto& words = families[command.words.substr(0, blank)];
    if (blank != std::string::npos) words.push_back(command.words.substr(blank + 1));
  }
  return families;
}

std::string Bash(const std::vector<Completable>& commands) {
  std::string first;
  std::string cases;
  for (const auto& [family, words] : Families(commands)) {
    first += family + " ";
    if (!words.empty())
      cases += "    " + Quoted(family) + ") words=" + Quoted(Join(words)) + " ;;\n";
  }
  for (const Completable& command : commands) {
    cases += "    " + Quoted(command.words) + ") words=" + Quoted(Join(command.choices)) +
             "; flags=" + Quoted(Join(command.flags)) + (command.secrets ? "; names=1" : "") +
             " ;;\n    " + Quoted(command.words + " ") + "*) flags=" + Quoted(Join(command.flags)) +
             " ;;\n";
  }
  return "# bash completion of runwardctl; made by `runwardctl completion bash`\n"
         "_runwardctl() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} given='' words='' flags='' names='' word at\n"
         "  local -a root=()\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    [[ $word == -* || $word == = || $word == /* ]] || given+=\"${given:+ }$word\"\n"
         "  done\n"
         "  case $given in\n"
         "    '') words=" +
         Quoted(first + "--help --version " + std::string(kRootFlag)) + " ;;\n" + cases +
         "  esac\n"
         "  for ((at = 1; at + 2 < COMP_CWORD; ++at)); do\n"
         "    [[ ${COMP_WORDS[at]} == --runward-root && ${COMP_WORDS[at+1]} == = ]] &&\n"
         "      root=(\"--runward-root=${COMP_WORDS[at+2]}\")\n"
         "  done\n"
         "  [[ $current == -* ]] && words+=\" $flags\"\n"
         "  [[ $names && $current != -* ]] &&\n"
         "    words+=\" $(runwardctl \"${root[@]}\" vault list --names 2>/dev/null </dev/null)\"\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F _runwardctl runwardctl\n";
}

// zsh's _arguments would need each flag's help; the words and bash's function suffice.
std::string Zsh(const std::vector<Completable>& commands) {
  return "#compdef runwardctl\n# zsh completion; made by `runwardctl completion zsh`\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         Bash(commands) + "_bash_complete -o default -F _runwardctl\n";
}

// One line: what is offered when `condition` holds.
void AddFish(const std::string& condition, const std::string& offered, std::string& text) {
  text.append("complete -c runwardctl -n '").append(condition).append("' ");
  text.append(offered).append("\n");
}

std::string Fish(const std::vector<Completable>& commands) {
  const std::string seen_one = "__fish_seen_subcommand_from ";
  std::string text = "# fish completion of runwardctl; made by `runwardctl completion fish`\n";
  const auto families = Families(commands);
  std::string first = "not " + seen_one;
  for (const auto& [family, words] : families) first.append(family).append(" ");
  for (const auto& [family, words] : families) AddFish(first, "-f -a " + family, text);
  for (const Completable& command : commands) {
    const size_t blank = command.words.find(' ');
    const std::string family = command.words.substr(0, blank);
    std::string seen = seen_one + family;
    if (blank != std::string::npos) {
      const std::string word = command.words.substr(blank + 1);
      std::string others = seen;
      others.append("; and not ").append(seen_one).append(Join(families.at(family)));
      AddFish(others, "-f -a " + word + " -d " + Quoted(command.help), text);
      seen.append("; and ").append(seen_one).append(word);
    }
    for (const std::string& choice : command.choices) AddFish(seen, "-f -a " + choice, text);
    if (command.secrets) AddFish(seen, "-f -a \"(" + std::string(kNames) + ")\"", text);
    for (const std::string& flag : command.flags) AddFish(seen, "-l " + flag.substr(2), text);
  }
  return text;
}

}  // namespace

std::vector<Completable> CompletableOf(const std::vector<Command>& commands) {
  std::vector<Completable> all;
  all.reserve(commands.size());
  for (const Command& command : commands) all.push_back(Read(command));
  return all;
}

std::string CompletionScript(std::string_view shell, const std::vector<Completable>& commands) {
  if (shell == "bash") return Bash(commands);
  if (shell == "zsh") return Zsh(commands);
  if (shell == "fish") return Fish(commands);
  return "";
}

int CompletionCommand(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {});
  if (!options.ok()) return PrintUsage("completion", options.error());
  const auto& words = options.value().words();
  const std::string script =
      words.size() == 1 ? CompletionScript(words.front(), CompletableOf(AllCommands())) : "";
  if (script.empty())
    return PrintUsage("completion", {"it takes one shell: bash, zsh or fish", ""});
  PrintExact(script);
  return Finish(kExitDone);
}

}  // namespace runward
