#include "shim/argv.h"

#include <algorithm>
#include <array>

#include "policy/names.h"

namespace runward {
namespace {

constexpr size_t kShown = 100;  // of a word in a message

std::string Quoted(std::string_view text) {
  if (text.size() <= kShown) return "\"" + std::string(text) + "\"";
  return "\"" + std::string(text.substr(0, kShown)) + "...\"";
}

Error NotUnderstood(std::string_view word, std::string_view why) {
  return Error{"argument " + Quoted(word) + " was not understood: " + std::string(why),
               "give options before the container's id, as --name=value"};
}

// Go's strconv.ParseBool.
std::optional<bool> GoBool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

bool NegativeNumber(std::string_view word) {
  return word.size() > 1 && word.front() == '-' &&
         std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Reads the options of one level (global, or a subcommand's).
class Reader {
 public:
  Reader(std::span<const std::string> words, Grammar grammar) : words_(words), grammar_(grammar) {}

  [[nodiscard]] bool done() const { return at_ == words_.size(); }
  [[nodiscard]] const std::string& Next() { return words_[at_++]; }

  // Options up to the first operand (or, with `permute`, all, the operands between them going to
  // `operands`). Both runtimes read "--" as the end of options.
  Result<void> Options(std::span<const Option> table, bool permute, Invocation& call,
                       std::vector<Given>& given, std::vector<std::string>& operands) {
    permute_ = permute;
    while (!done()) {
      const std::string& word = words_[at_];
      if (word == "--") {
        ++at_;
        return {};
      }
      if (word.size() < 2 || word.front() != '-') {
        if (!permute) return {};
        operands.push_back(word);
        ++at_;
        continue;
      }
      ++at_;
      if (Asked(word, call)) return {};
      TRY(One(table, word, given));
    }
    return {};
  }

 private:
  static bool Asked(std::string_view word, Invocation& call) {
    if (word == "--help" || word == "-h" || word == "-?" || word == "--usage") {
      call.ask = Ask::kHelp;
    } else if (call.subcommand == nullptr &&
               (word == "--version" || word == "-v" || word == "-V")) {
      call.ask = Ask::kVersion;
    }
    return call.ask != Ask::kCommand;
  }

  Result<void> One(std::span<const Option> table, std::string_view word,
                   std::vector<Given>& given) {
    const bool two_dashes = word[1] == '-';
    if (!two_dashes && grammar_ == Grammar::kCrun) return Letters(table, word, given);
    std::string_view name = word.substr(two_dashes ? 2 : 1);
    std::optional<std::string_view> value;
    if (const size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const bool go = grammar_ == Grammar::kRunc;  // takes one dash or two for either form of a name
    if (!go && !two_dashes && (name.size() != 1 || value)) {
      return NotUnderstood(word, "runtimes differ in how they read this spelling");
    }
    const Option* option = go || two_dashes ? FindOption(table, name, grammar_) : nullptr;
    bool by_letter = false;
    if (option == nullptr && name.size() == 1 && (go || !two_dashes)) {
      option = FindLetter(table, name.front(), grammar_);
      by_letter = true;
    }
    if (option == nullptr) return NotUnderstood(word, "no such option here");
    if (option->arity == Arity::kFlag || option->arity == Arity::kOptional) {
      return Flag(*option, word, value, by_letter, given);
    }
    return Valued(*option, word, value, by_letter, given);
  }

  // argp: "-dt", "-b/x", "-b /x"; "-b=/x" is the value "=/x".
  Result<void> Letters(std::span<const Option> table, std::string_view word,
                       std::vector<Given>& given) {
    for (size_t i = 1; i < word.size(); ++i) {
      const Option* option = FindLetter(table, word[i], grammar_);
      if (option == nullptr) return NotUnderstood(word, "no such option here");
      if (option->arity == Arity::kFlag) {
        TRY(Flag(*option, word, std::nullopt, true, given));
        continue;
      }
      const std::string_view rest = word.substr(i + 1);
      const std::optional<std::string_view> value =
          rest.empty() ? std::nullopt : std::optional(rest);
      if (option->arity == Arity::kOptional) return Flag(*option, word, value, true, given);
      return Valued(*option, word, value, true, given);
    }
    return {};
  }

  Result<void> Flag(const Option& option, std::string_view word,
                    std::optional<std::string_view> value, bool by_letter,
                    std::vector<Given>& given) const {
    if (!value) return Add({&option, "", false, by_letter}, word, given);
    if (option.arity == Arity::kOptional) {
      return Add({&option, std::string(*value), true, by_letter}, word, given);
    }
    const std::optional<bool> on = grammar_ == Grammar::kRunc ? GoBool(*value) : std::nullopt;
    if (!on) return NotUnderstood(word, "it takes no value");
    TRY(Add({&option, "", false, by_letter}, word, given));
    if (!*on) std::erase_if(given, [&](const Given& one) { return one.option == &option; });
    return {};
  }

  Result<void> Valued(const Option& option, std::string_view word,
                      std::optional<std::string_view> value, bool by_letter,
                      std::vector<Given>& given) {
    if (!value) {
      if (done()) return NotUnderstood(word, "its value is missing");
      // runc's urfave/cli moves options to the front before it reads them, and can so give an
      // option the next option as its value; argp takes the next word, whatever it is.
      const std::string_view next = words_[at_];
      const bool odd = next.size() > 1 && next.front() == '-' && !NegativeNumber(next);
      if (odd && permute_ && grammar_ != Grammar::kCrun) {
        return NotUnderstood(word, "its value begins with a dash");
      }
      value = Next();
    }
    return Add({&option, std::string(*value), true, by_letter}, word, given);
  }

  Result<void> Add(Given one, std::string_view word, std::vector<Given>& given) const {
    for (const Given& earlier : given) {
      if (earlier.option != one.option) continue;
      if (earlier.by_letter != one.by_letter && grammar_ != Grammar::kCrun) {
        return NotUnderstood(word, "two forms of the same option");
      }
    }
    given.push_back(std::move(one));
    return {};
  }

  std::span<const std::string> words_;
  Grammar grammar_;
  size_t at_ = 0;
  bool permute_ = false;
};

Result<void> CheckOperands(const Invocation& call) {
  const Subcommand& subcommand = *call.subcommand;
  const std::string name = "\"" + std::string(subcommand.name) + "\"";
  if (call.operands.size() < subcommand.min_operands) {
    return Error{name + " needs the container's id", ""};
  }
  if (call.operands.size() > subcommand.max_operands) {
    return Error{name + " was given more arguments than it takes: " +
                     Quoted(call.operands[subcommand.max_operands]),
                 ""};
  }
  for (size_t i = 0; i < (subcommand.verbatim ? 1 : call.operands.size()); ++i) {
    if (call.operands.size() <= i) break;
    const std::string& operand = call.operands[i];
    if (!operand.empty() && operand.front() == '-') {
      return NotUnderstood(operand, "what is no option may not begin with a dash");
    }
  }
  const bool regex = std::any_of(call.options.begin(), call.options.end(),
                                 [](const Given& one) { return one.option->name == "regex"; });
  if (subcommand.container && !regex && !ContainerId::Parse(call.id())) {
    return Error{"invalid container id " + Quoted(call.id()),
                 "an id has letters, digits and any of + - . _"};
  }
  return {};
}

std::optional<std::string> Last(const std::vector<Given>& given, std::string_view name) {
  for (auto one = given.rbegin(); one != given.rend(); ++one) {
    if (one->option->name == name) return one->value;
  }
  return std::nullopt;
}

void Replace(std::vector<Given>& given, std::span<const Option> table, Grammar grammar,
             std::string_view name, std::string value) {
  std::erase_if(given, [&](const Given& one) { return one.option->name == name; });
  given.push_back({FindOption(table, name, grammar), std::move(value), true, false});
}

void Emit(const std::vector<Given>& given, std::vector<std::string>& out) {
  for (size_t i = 0; i < given.size(); ++i) {
    const Given& one = given[i];
    const bool again = std::any_of(given.begin() + static_cast<ptrdiff_t>(i) + 1, given.end(),
                                   [&](const Given& other) { return other.option == one.option; });
    if (again && one.option->arity != Arity::kList) continue;
    std::string word = "--" + std::string(one.option->name);
    if (one.has_value) word += "=" + one.value;
    out.push_back(std::move(word));
  }
}

}  // namespace

std::optional<std::string> Invocation::Global(std::string_view name) const {
  return Last(globals, name);
}

std::optional<std::string> Invocation::Value(std::string_view name) const {
  return Last(options, name);
}

std::vector<std::string> Invocation::Values(std::string_view name) const {
  std::vector<std::string> values;
  for (const Given& one : options) {
    if (one.option->name == name) values.push_back(one.value);
  }
  return values;
}

std::string_view Invocation::id() const {
  if (subcommand == nullptr || !subcommand->container || operands.empty()) return "";
  return operands.front();
}

void Invocation::SetGlobal(std::string_view name, std::string value) {
  Replace(globals, GlobalOptions(), grammar, name, std::move(value));
}

void Invocation::Set(std::string_view name, std::string value) {
  Replace(options, subcommand->options, grammar, name, std::move(value));
}

std::vector<std::string> Invocation::Canonical() const {
  std::vector<std::string> out;
  Emit(globals, out);
  if (ask == Ask::kVersion) out.emplace_back("--version");
  if (subcommand != nullptr) out.emplace_back(subcommand->name);
  if (ask == Ask::kHelp) out.emplace_back("--help");
  if (ask != Ask::kCommand) return out;
  Emit(options, out);
  out.insert(out.end(), operands.begin(), operands.end());
  return out;
}

Result<void> ParseArgv(std::span<const std::string> words, Grammar grammar, Invocation& out) {
  out = Invocation{.grammar = grammar};
  Reader reader(words, grammar);
  TRY(reader.Options(GlobalOptions(), false, out, out.globals, out.operands));
  if (out.ask != Ask::kCommand) return {};
  if (reader.done()) {  // runc prints its help, crun an error and its usage
    out.ask = Ask::kHelp;
    return {};
  }
  const std::string& name = reader.Next();
  out.subcommand = FindSubcommand(name, grammar);
  if (out.subcommand == nullptr) {
    return Error{"unknown command " + Quoted(name), "runward --help lists the commands"};
  }
  TRY(reader.Options(out.subcommand->options, !out.subcommand->verbatim, out, out.options,
                     out.operands));
  if (out.ask != Ask::kCommand) {  // nothing will be done to any container
    out.options.clear();
    out.operands.clear();
    return {};
  }
  while (!reader.done()) out.operands.push_back(reader.Next());
  return CheckOperands(out);
}

}  // namespace runward
