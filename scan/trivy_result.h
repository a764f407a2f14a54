#pragma once

#include "base/json.h"
#include "base/result.h"
#include "scan/report.h"

namespace runward {

// One element of a Trivy report's "Results": findings and packages of one target.
Result<void> AddTrivyResult(JsonValue result, Report& report);

// That it was looked for.
void Show(ScanClass what, Report& report);

}  // namespace runward
