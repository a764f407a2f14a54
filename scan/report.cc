#include "scan/report.h"

#include <algorithm>

#include "base/encoding.h"
#include "scan/fields.h"

namespace runward {
namespace {

using Reader = Result<void> (*)(JsonValue, Report&);

struct Recognised {
  ReportFormat format = ReportFormat::kTrivy;
  Reader read = nullptr;
};

bool Has(JsonValue root, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(names, [&](std::string_view name) { return bool{root.Find(name)}; });
}

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
  if (root.IsArray()) return Recognised{ReportFormat::kTrivyLegacy, ReadTrivyLegacy};
  if (!root.IsObject()) {
    return Error{root.Where() + ": a report must be an object, and this is " +
                     (root.text().empty() ? "none" : std::string(root.text().substr(0, 20))),
                 ""};
  }
  if (Has(root, {"SchemaVersion"})) return Recognised{ReportFormat::kTrivy, ReadTrivy};
  if (Has(root, {"matches"})) return Recognised{ReportFormat::kGrype, ReadGrype};
  if (root.Find("bomFormat").text() == "CycloneDX") {
    return Recognised{ReportFormat::kCycloneDx, ReadCycloneDx};
  }
  if (Has(root, {"runs", "version"})) return Recognised{ReportFormat::kSarif, ReadSarif};
  return Unknown(root);
}

Error InFile(std::string_view file, Error error) {
  error.message = "\"" + std::string(file) + "\": " + error.message;
  return error;
}

Result<Report> Read(std::string text) {
  Report report;
  report.sha256 = Sha256Hex(text);
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
