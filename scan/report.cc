#include "scan/report.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "scan/fields.h"

namespace runward {
namespace {

using Reader = Result<void> (*)(JsonValue, Report&);

struct Recognised {
  std::string_view mark;
  ReportFormat format = ReportFormat::kTrivy;
  Reader read = nullptr;
};
constexpr std::array<Recognised, 4> kRecognised = {
    {{"SchemaVersion", ReportFormat::kTrivy, ReadTrivy},
     {"matches", ReportFormat::kGrype, ReadGrype},
     {"bomFormat", ReportFormat::kCycloneDx, ReadCycloneDx},
     {"runs", ReportFormat::kSarif, ReadSarif}}};

// What other documents are, for whoever gives them.
Error Unknown(JsonValue root) {
  constexpr std::string_view kKnown =
      "reports are Trivy's and Grype's JSON, and CycloneDX with vulnerabilities";
  if (root.Find("spdxVersion")) {
    return {"SPDX lists packages, and no findings", std::string(kKnown)};
  }
  if (root.Find("statements") || root.Find("document")) {
    return {"this is a VEX document, not a report", "give it with --vex, beside a report"};
  }
  if (root.Find("payloadType")) {
    return {"this is a signed envelope, not a report", ""};
  }
  return {"this is no report that runward knows", std::string(kKnown)};
}

Result<Recognised> Recognise(JsonValue root) {
  if (root.IsArray()) return Recognised{"", ReportFormat::kTrivyLegacy, ReadTrivyLegacy};
  if (!root.IsObject()) {
    return Error{root.Where() + ": a report must be an object, and this is " +
                     (root.text().empty() ? "none" : std::string(root.text().substr(0, 20))),
                 ""};
  }
  const std::vector<std::string_view> marks = ReportMarks(root);
  if (marks.empty()) return Unknown(root);
  if (marks.size() > 1) {
    return Error{"by its \"" + std::string(marks[0]) + "\" and \"" + std::string(marks[1]) +
                     "\" it is a report of two formats at once",
                 ""};
  }
  return *std::ranges::find(kRecognised, marks.front(), &Recognised::mark);
}

Error InFile(std::string_view file, Error error) {
  error.message = "\"" + std::string(file) + "\": " + error.message;
  return error;
}

Result<Report> Read(std::string text) {
  Report report;
  report.sha256 = Sha256Hex(text);
  TRY(CheckNoByteOrderMark(text));
  const JsonDocument document =
      TRY(JsonDocument::Parse(std::move(text), {.max_bytes = kMaxReportBytes}));
  const Recognised recognised = TRY(Recognise(document.root()));
  report.format = recognised.format;
  TRY(recognised.read(document.root(), report));
  return report;
}

}  // namespace

std::string_view FormatName(ReportFormat format) {
  switch (format) {
    case ReportFormat::kTrivy:
      return "Trivy JSON";
    case ReportFormat::kTrivyLegacy:
      return "Trivy JSON, schema 1";
    case ReportFormat::kGrype:
      return "Grype JSON";
    case ReportFormat::kCycloneDx:
      return "CycloneDX";
    case ReportFormat::kSarif:
      return "SARIF";
  }
  return "";
}

std::string_view KindName(FindingKind kind) {
  switch (kind) {
    case FindingKind::kVulnerability:
      return "vulnerability";
    case FindingKind::kSecret:
      return "secret";
    case FindingKind::kMisconfiguration:
      return "misconfiguration";
    case FindingKind::kLicense:
      return "license";
  }
  return "";
}

std::vector<std::string_view> ReportMarks(JsonValue root) {
  std::vector<std::string_view> marks;
  for (const Recognised& one : kRecognised) {
    if (root.Find(one.mark)) marks.push_back(one.mark);
  }
  return marks;
}

bool HasFix(const ScanFinding& finding) {
  return !finding.fixed.empty() || finding.fix_state == "fixed";
}

Severity SeverityOfScore(double cvss) {
  if (cvss >= 9) return Severity::kCritical;
  if (cvss >= 7) return Severity::kHigh;
  if (cvss >= 4) return Severity::kMedium;
  return cvss > 0 ? Severity::kLow : Severity::kNegligible;
}

Result<Report> ReadReport(std::string text, std::string_view file) {
  if (text.size() > kMaxReportBytes) {
    return InFile(file, {"larger than the " + std::to_string(kMaxReportBytes >> 20) +
                             " MiB that a report may have",
                         ""});
  }
  Result<Report> report = Read(std::move(text));
  if (!report.ok()) return InFile(file, std::move(report).error());
  report.value().file = file;
  return report;
}

}  // namespace runward
