#pragma once

#include <string>
#include <string_view>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// Reports beside the verdicts that rest on them: DIR/reports/<sha256>.json. They decide nothing at
// a start; `verdict refresh` evaluates them again.
std::string ReportFile(const Paths& paths, std::string_view sha256);

Result<void> StoreReport(const Paths& paths, std::string_view text);

// The report of that hash; an error when it is not there, or its bytes are others.
Result<std::string> ReadStoredReport(const Paths& paths, std::string_view sha256);

// The hash of the report that a verdict's statement says it rests on; "" for a verdict that was
// signed by hand.
std::string ReportOf(std::string_view statement);

}  // namespace runward
