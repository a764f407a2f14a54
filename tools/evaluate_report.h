#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/evaluate_request.h"

namespace runward {

// Reads one report (or the one in a signed attestation) and evaluates it; never fails, the reason
// why there is no evaluation is in the result. `text` gets the report's own bytes.
Evaluated EvaluateOne(const EvaluateRequest& request, const std::string& file, std::string& text);

// All of the request's reports, `jobs` at a time, in the order of its files. `done` is called with
// each when it is ready, by whichever thread has it, and with the report's bytes; what it returns
// as an error becomes the result's.
using EvaluatedVisitor = std::function<Result<void>(const Evaluated&, const std::string& text)>;
std::vector<Evaluated> EvaluateAll(const EvaluateRequest& request, const EvaluatedVisitor& done);

}  // namespace runward
