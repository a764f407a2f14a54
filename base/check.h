#pragma once

#include <string>

namespace runward {

// How an item of a benchmark stands; the numbers are OCSF's status_id in its object "check".
enum class CheckStatus { kUndecided = 0, kPass = 1, kWarn = 2, kFail = 3 };

struct CheckResult {
  std::string id;  // "5.4"
  CheckStatus status = CheckStatus::kUndecided;
  std::string detail;  // what was found, for a person; may be empty
};

}  // namespace runward
