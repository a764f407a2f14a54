#pragma once

#include <string>
#include <string_view>

namespace runward {

// What a start changes in a config.json, as diff -u writes it, of the two places where it changes
// anything: the seccomp profile and the createRuntime hooks. Both are laid out anew, since engines
// write one long line. Nothing else of the file is in it, and of foreign hooks only the path: the
// rest may hold secrets. "" when there is no difference. Both texts are JSON; `from` and `to` name
// them.
std::string ConfigDifference(std::string_view before, std::string_view after,
                             const std::string& from, const std::string& to);

}  // namespace runward
