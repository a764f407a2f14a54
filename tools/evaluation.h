#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scan/evaluate.h"
#include "scan/report.h"

namespace runward {

// A report and what became of it: an evaluation, or the reason why there is none.
struct Evaluated {
  std::string file;
  Report report;
  std::optional<Evaluation> evaluation;
  Error error;                     // without an evaluation
  std::string policy_digest;       // SHA-256, hex
  Time now;                        // of the evaluation
  std::vector<std::string> notes;  // about the input: a signature that was not checked
};

// "PASSED", "PASSED with warnings", "FAILED"
std::string_view ResultText(EvaluationResult result);

// All breaches of one finding, or one of the image's or the scan's.
struct Problem {
  const ScanFinding* finding = nullptr;
  Effect effect = Effect::kWarn;  // the worst of its breaches
  std::vector<const Breach*> breaches;
};
// Those that fail first, and the worse findings first among them.
std::vector<Problem> ProblemsOf(const Evaluated& evaluated);

// What somebody can do about problems, and how many it ends.
struct Action {
  enum class Kind { kUpgrade, kWait, kSecret, kConfiguration, kLicense, kImage, kScan };
  Kind kind = Kind::kUpgrade;
  Effect effect = Effect::kWarn;
  std::string what;  // "openssl 1.1.1c-r0 → 1.1.1d-r2"
  std::vector<const Problem*> problems;
};
std::string_view ActionTitle(Action::Kind kind);
// Upgrades first, then by kind; within a kind those that fail first, then by the worst finding.
std::vector<Action> ActionsOf(const std::vector<Problem>& problems);

// The formats; each ends in a newline. All text from a report is made harmless for its reader.
std::string EvaluationText(std::span<const Evaluated> all);
std::string EvaluationJson(std::span<const Evaluated> all);      // tools/evaluation_json.cc
std::string EvaluationSarif(std::span<const Evaluated> all);     // SARIF 2.1.0, one run a report
std::string EvaluationJunit(std::span<const Evaluated> all);     // JUnit XML, one test case a rule
std::string EvaluationGitlab(std::span<const Evaluated> all);    // container scanning 15.0.7
std::string EvaluationGithub(std::span<const Evaluated> all);    // workflow commands
std::string EvaluationMarkdown(std::span<const Evaluated> all);  // for a step's summary

using EvaluationFormat = std::string (*)(std::span<const Evaluated>);
// By its name ("sarif"); null when there is none.
EvaluationFormat FindFormat(std::string_view name);
// "text|json|…"
std::string FormatNames();

}  // namespace runward
