#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scan/evaluate.h"
#include "tools/verdict_statement.h"

namespace runward {

// What a verdict says that it was decided from (docs/formats.md), as `verdict evaluate` signs it.
// All of it is the signer's word: take it from a payload whose signature was checked.
struct VerdictBasis {
  std::optional<VerdictInput> report;  // its uri without "report:"; absent when signed by hand
  std::vector<VerdictInput> inputs;    // the others: "vex:web.json"
  KnownImage image;
  ScanClaims claims;            // the classes, and the database's time
  std::optional<Time> scanned;  // when the report was made
  std::string profile;
  std::string policy_sha256;
};

Result<VerdictBasis> BasisOf(std::string_view payload);

}  // namespace runward
