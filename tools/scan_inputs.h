#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/evaluate.h"
#include "tools/options.h"
#include "tools/verdict_statement.h"

namespace runward {

// What an evaluation rests on beside the report: VEX documents, ignore files, and a list of known
// exploited vulnerabilities.
struct ScanInput {
  std::string kind;  // "vex", "ignore", "exploited"
  std::string file;
  std::string text;
};

// "vex:web.json", as verdicts name it.
std::string InputUri(const ScanInput& input);
// With its hash.
VerdictInput VerdictInputOf(const ScanInput& input);

// The files that --vex, --ignore and --exploited name, read and not yet understood.
Result<std::vector<ScanInput>> ReadScanInputs(const Options& options);

// Adds what the inputs say. An Error that names the file when one is not understood, or not what it
// was given as.
Result<void> UseScanInputs(const std::vector<ScanInput>& inputs, std::vector<Exception>& exceptions,
                           ScanClaims& claims);

// CISA's catalogue of known exploited vulnerabilities, or a list of ids, one a line; sorted.
Result<std::vector<std::string>> ReadExploited(const std::string& text, const std::string& file);

}  // namespace runward
