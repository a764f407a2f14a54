#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/event_bounds.h"

namespace runward {

inline constexpr std::string_view kComplianceStandard = "CIS Docker Benchmark 1.6.0";

// "pass", "warn", "fail" or "undecided".
std::string_view CheckStatusName(CheckStatus status);
inline constexpr std::array<CheckStatus, 4> kCheckStatuses = {
    CheckStatus::kPass, CheckStatus::kWarn, CheckStatus::kFail, CheckStatus::kUndecided};

// What a start's checks found, as one record of OCSF's class Compliance Finding (2003), without its
// link and newline; see EventBodies. All checks are in it; details are left out when they do not
// fit, the last ones first.
std::string FindingBody(const BoundedEvent& bounded, std::span<const CheckResult> checks);

// Whether a record is a finding, seen without parsing it: quotes inside a string would be escaped.
inline bool IsFinding(std::string_view line) {
  return line.find("\"class_uid\":2003,") != std::string_view::npos;
}

}  // namespace runward
