#include "tools/options.h"

#include <algorithm>

namespace runward {
namespace {

Error UnknownFlag(const std::string& name, const std::vector<OptionSpec>& specs) {
  std::string known;
  for (const OptionSpec& spec : specs) {
    known += (known.empty() ? "" : ", ") + std::string(spec.name);
  }
  return Error{"unknown flag " + name, known.empty() ? "it takes no flags" : "known: " + known};
}

}  // namespace

Result<size_t> Options::Flag(std::span<const std::string> args, size_t at,
                             const std::vector<OptionSpec>& specs) {
  const std::string& arg = args[at];
  const size_t equals = arg.find('=');
  const std::string name = arg.substr(0, equals);
  const auto spec = std::ranges::find(specs, name, &OptionSpec::name);
  if (spec == specs.end()) return UnknownFlag(name, specs);
  if (!spec->takes_value) {
    if (equals != std::string::npos) return Error{name + " takes no value", ""};
    given_.emplace_back(name, "");
  } else if (equals != std::string::npos) {
    given_.emplace_back(name, arg.substr(equals + 1));
  } else {
    if (++at == args.size()) return Error{name + " needs a value", ""};
    given_.emplace_back(name, args[at]);
  }
  return at;
}

Result<Options> Options::Parse(std::span<const std::string> args,
                               const std::vector<OptionSpec>& specs) {
  Options options;
  bool words_only = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (words_only || !arg.starts_with("-") || arg == "-") {
      options.words_.push_back(arg);
    } else if (arg == "--") {
      words_only = true;
    } else {
      i = TRY(options.Flag(args, i, specs));
    }
  }
  return options;
}

bool Options::Has(std::string_view name) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&](const auto& one) { return one.first == name; });
}

std::string Options::Last(std::string_view name, std::string fallback) const {
  for (auto one = given_.rbegin(); one != given_.rend(); ++one) {
    if (one->first == name) return one->second;
  }
  return fallback;
}

std::vector<std::string> Options::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [flag, value] : given_) {
    if (flag == name) values.push_back(value);
  }
  return values;
}

}  // namespace runward
