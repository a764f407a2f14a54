#include <cstdint>
#include <cstdlib>
#include <string>

#include "scan/evaluate.h"
#include "scan/exception.h"
#include "scan/report.h"

// A report's text is an error that names its file, or a report in which every number and digest is
// one; the same question has the same answer, and nothing passes of which no scan is shown. The
// same bytes as a VEX document or an ignore file are an error or exceptions that ask something.

namespace runward {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

class NoKeys : public KeySource {
 public:
  Result<std::string> ReadKey(std::string_view) override { return Error{"none", ""}; }
};

const Policy& ThePolicy() {
  static NoKeys keys;
  static const Policy policy =
      ParsePolicy(R"({"version": 1, "profiles": [{"name": "p", "match": {}, "image":
        {"vulnerabilities": {"fail": "high", "warn": "low", "grace": "7d"},
         "secrets": {"fail": "low"}, "root": "warn", "cves": {"deny": ["CVE-2021-*"]},
         "packages": {"deny": ["pkg:deb/*/x*"], "mode": "warn"}}}]})",
                  "policy.json", keys)
          .value();
  return policy;
}

void CheckFinding(const ScanFinding& finding) {
  Require(!finding.id.empty());
  Require(!finding.score || (*finding.score >= 0 && *finding.score <= 10));
  Require(!finding.epss || (*finding.epss >= 0 && *finding.epss <= 1));
}

void CheckEvaluation(const Report& report, const std::vector<Exception>& exceptions) {
  const ScanClaims claims;
  const Question question{.report = report,
                          .image = {},
                          .policy = ThePolicy(),
                          .exceptions = exceptions,
                          .claims = claims,
                          .now = Time{int64_t{1} << 60}};
  const auto first = Evaluate(question);
  const auto second = Evaluate(question);
  Require(first.ok() == second.ok());
  if (!first.ok()) return;
  Require(first.value().failed == second.value().failed);
  Require(first.value().result == EvaluationResult::kFailed || !report.shown.empty());
  Require((first.value().result == EvaluationResult::kFailed) == !first.value().failed.empty());
  for (const Breach& breach : first.value().breaches) {
    Require(!breach.rule.empty() && breach.effect != Effect::kOff);
    Require(!breach.finding || *breach.finding < report.findings.size());
  }
}

}  // namespace
}  // namespace runward

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace runward;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto exceptions = ReadExceptions(text, "the file");
  Require(exceptions.ok() || exceptions.error().message.starts_with("\"the file\": "));
  const auto report = ReadReport(text, "the file");
  Require(report.ok() || report.error().message.starts_with("\"the file\": "));
  if (!report.ok()) return 0;
  for (const ScanFinding& finding : report.value().findings) CheckFinding(finding);
  CheckEvaluation(report.value(), exceptions.ok() ? exceptions.value() : std::vector<Exception>());
  return 0;
}
