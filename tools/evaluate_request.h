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
#include "tools/scan_inputs.h"

namespace runward {

// An answer in a file: --format sarif=FILE.
struct EvaluationFile {
  std::string name;  // "sarif"
  EvaluationFormat format = nullptr;
  std::string file;
};

// What `verdict evaluate` was asked for, read and checked.
struct EvaluateRequest {
  std::vector<std::string> files;  // reports, "-" among them; a directory's files in its place
  Policy policy;
  KnownImage image;
  std::string unseen;  // of --image, where no store here has it: the report must say that it is it
  std::vector<std::string> image_notes;
  std::vector<ScanInput> inputs;  // VEX documents and the like, and what they say:
  std::vector<Exception> exceptions;
  VerdictTerms terms;
  bool verify = false;                // the report must be an attestation that a trusted key signed
  EvaluationFormat format = nullptr;  // on the standard output
  std::vector<EvaluationFile> also;   // in files besides
  std::string key_file;               // to sign with; may be empty
  std::string out;
  bool add = false;
  size_t jobs = 1;
  Time now;
};

Result<EvaluateRequest> ReadEvaluateRequest(const Paths& paths, const Options& options);

// Where --out has the verdict on one of the request's reports.
std::string OutFileOf(const EvaluateRequest& request, const std::string& report);

// For ReadEvaluateRequest and `verdict refresh`: the parts.
Result<Policy> ReadGivenPolicy(const Paths& paths,
                               const Options& options);  // --policy, or the installation's
Result<size_t> ReadJobs(const Options& options);
// The files that the command line names.
Result<std::vector<std::string>> ReportFiles(const std::vector<std::string>& words);

}  // namespace runward
