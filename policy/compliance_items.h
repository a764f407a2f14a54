#pragma once

#include <span>
#include <string_view>

namespace runward {

inline constexpr std::string_view kNistStandard = "NIST SP 800-190";

// An item of section 5 of kComplianceStandard (base/event_finding.h), in our words.
struct ComplianceItem {
  std::string_view id;     // "5.4"
  std::string_view title;  // what has to hold
  std::string_view remedy;
  std::string_view nist;  // section of NIST SP 800-190 whose countermeasure it is: "4.4.3"
  // Why a container's configuration cannot decide it; "" when it can.
  std::string_view undecidable;
};

std::span<const ComplianceItem> ComplianceItems();     // in the benchmark's order
std::string_view NistTitle(std::string_view section);  // "" when it is not known

}  // namespace runward
