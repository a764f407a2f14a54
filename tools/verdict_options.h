#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "policy/names.h"
#include "tools/options.h"
#include "tools/verdict_statement.h"

namespace runward {

// What the commands that sign share.

inline constexpr std::string_view kVerifier = "https://runward.dev/runwardctl";

// All values of a flag that takes a digest, with or without "sha256:".
Result<std::vector<Digest>> DigestsOf(const Options& options, std::string_view flag);
// "7d" after `from`, or a date or time after it.
Result<Time> ParseExpiry(const std::string& text, Time from);
// A name that shows as it is: what a policy's pattern is compared with must not hide anything.
Result<void> CheckImageName(const std::string& name);
// Adds what is not there yet under the name.
void AddSubjects(const std::string& name, const std::vector<Digest>& digests,
                 const std::optional<Digest>& last, NewVerdict& verdict);

// Files that are read, and that what a command writes must not replace: the key would be gone.
class GivenFiles {
 public:
  // `what`: "the policy". One that is not there, or is no regular file, cannot be replaced.
  void Add(const std::string& what, const std::string& file);
  // An Error when `file`, to which `flag` writes, is one of them, by whatever name.
  [[nodiscard]] Result<void> Check(std::string_view flag, const std::string& file) const;

 private:
  std::map<std::pair<dev_t, ino_t>, std::string> what_;
};

}  // namespace runward
