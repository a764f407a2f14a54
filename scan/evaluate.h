#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "policy/image_rule.h"
#include "policy/names.h"
#include "policy/policy.h"
#include "scan/binding.h"
#include "scan/exception.h"
#include "scan/report.h"

namespace runward {

// What whoever asks for the evaluation states of the scan, where the report says nothing. It is
// recorded in the verdict.
struct ScanClaims {
  std::vector<ScanClass> classes;  // what was looked for
  std::optional<Time> database;    // when the scanner's database was built
  std::optional<std::vector<std::string>>
      exploited;  // ids of known exploited vulnerabilities, sorted
};

struct Question {
  const Report& report;
  KnownImage image;  // what the caller knows of the image; what is empty is taken from the report
  const Policy& policy;
  const std::vector<Exception>& exceptions;  // beside the policy's own
  const ScanClaims& claims;
  Time now;
};

// A rule that an image does not meet, by one finding or as a whole.
struct Breach {
  std::string rule;                    // "vulnerabilities.fail"
  Effect effect = Effect::kEnforce;    // kEnforce: fails; kWarn: warns
  std::string what;                    // for a person
  std::string remedy;                  // what to do; may be empty
  std::optional<size_t> finding = {};  // in the report
};

// A finding that would have been a breach.
struct AcceptedFinding {
  size_t finding = 0;
  std::string by;  // "policy", "scanner", or the file
  std::string reason;
  std::optional<Time> expires;
};

enum class EvaluationResult : uint8_t { kPassed, kWarned, kFailed };

struct Evaluation {
  EvaluationResult result = EvaluationResult::kFailed;
  std::string profile;
  ImageRule rule;
  KnownImage image;  // as the verdict will name it
  std::vector<Breach> breaches;
  std::vector<AcceptedFinding> accepted;
  std::vector<std::string> notes;  // what a person should know, without effect
  // One line a rule, its name first, as the verdict carries them.
  std::vector<std::string> failed;
  std::vector<std::string> warned;
};

// Judges by the profile that the image's name chooses, as a start would. An Error when there is no
// answer: the report cannot be bound to the image, is for display only, or no profile with an
// "image" section governs it. Pure: the same question has the same answer.
Result<Evaluation> Evaluate(const Question& question);

// The rules that the evaluation asked, and the others that were broken, each once.
std::vector<std::string> RulesOf(const Evaluation& evaluation);

// For Evaluate: the parts.
struct Judging {
  const Question& question;
  Evaluation& evaluation;
  void Add(std::string_view rule, Effect effect, std::string what, std::string remedy = "") const;
};
void JudgeFindings(const Judging& judging);
void JudgeScan(const Judging& judging);
void JudgeImageFacts(const Judging& judging);
// Whether it lies after `now` by more than the clocks of two machines differ.
bool IsOfTheFuture(Time time, Time now);
// Whether it was looked for, by the report or by claim.
bool LookedFor(const Question& question, ScanClass what);
// One line for each rule of that effect.
std::vector<std::string> ReasonsOf(const Evaluation& evaluation, const Report& report,
                                   Effect effect);

}  // namespace runward
