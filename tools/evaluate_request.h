#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "policy/policy.h"
#include "scan/evaluate.h"
#include "tools/evaluated_verdict.h"
#include "tools/evaluation.h"
#include "tools/options.h"

namespace runward {

// What `verdict evaluate` was asked for, read and checked.
struct EvaluateRequest {
  std::vector<std::string> files;  // reports, "-" among them; a directory's files in its place
  Policy policy;
  KnownImage image;
  std::vector<std::string> image_notes;
  std::vector<Exception> exceptions;
  VerdictTerms terms;
  bool verify = false;  // the report must be an attestation that a trusted key signed
  EvaluationFormat format = nullptr;
  std::string key_file;  // to sign with; may be empty
  std::string out;
  bool add = false;
  size_t jobs = 1;
  Time now;
};

Result<EvaluateRequest> ReadEvaluateRequest(const Paths& paths, const Options& options);

// The parts: files that the command line names.
Result<std::vector<std::string>> ReportFiles(const std::vector<std::string>& words);
// CISA's catalogue of known exploited vulnerabilities, or a list of ids, one a line; sorted.
Result<std::vector<std::string>> ReadExploited(const std::string& text, const std::string& file);

}  // namespace runward
