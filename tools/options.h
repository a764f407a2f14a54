#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace runward {

struct OptionSpec {
  std::string_view name;  // "--since"
  bool takes_value = false;
};

// A command's flags and words: "--name value", "--name=value", "--name"; after "--" only words.
// What is not in the list is an error that names the flags there are.
class Options {
 public:
  static Result<Options> Parse(std::span<const std::string> args,
                               const std::vector<OptionSpec>& specs);

  [[nodiscard]] bool Has(std::string_view name) const;
  [[nodiscard]] std::string Last(std::string_view name, std::string fallback) const;
  [[nodiscard]] std::vector<std::string> All(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& words() const { return words_; }

 private:
  // Takes the flag at `at`; the index of its last word.
  Result<size_t> Flag(std::span<const std::string> args, size_t at,
                      const std::vector<OptionSpec>& specs);

  std::vector<std::pair<std::string, std::string>> given_;
  std::vector<std::string> words_;
};

}  // namespace runward
