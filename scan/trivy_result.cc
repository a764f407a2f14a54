#include "scan/trivy_result.h"

#include <algorithm>
#include <array>
#include <span>

#include "scan/fields.h"

namespace runward {
namespace {

constexpr double kMaxCvss = 10;
constexpr size_t kMostLayers = 512;  // runtimes take 127

// The highest of all sources' version 3 scores, or else of version 2.
Result<std::optional<double>> ScoreOf(JsonValue vulnerability) {
  std::optional<double> best;
  std::optional<double> older;
  for (const JsonValue source : TRY(ObjectOf(vulnerability, "CVSS"))) {
    TRY(ObjectIn(source));
    best = std::max(best, TRY(NumberOf(source, "V3Score", 0, kMaxCvss)));
    best = std::max(best, TRY(NumberOf(source, "V40Score", 0, kMaxCvss)));
    older = std::max(older, TRY(NumberOf(source, "V2Score", 0, kMaxCvss)));
  }
  return best ? best : older;
}

Result<void> AddVulnerability(JsonValue item, const std::string& target, Report& report) {
  TRY(ObjectIn(item));
  ScanFinding finding;
  finding.id = TRY(NeededText(item, "VulnerabilityID"));
  finding.severity = TRY(SeverityOf(item, "Severity"));
  finding.title = TRY(TextOf(item, "Title"));
  finding.package = TRY(NeededText(item, "PkgName"));
  finding.version = TRY(TextOf(item, "InstalledVersion"));
  finding.fixed = TRY(TextOf(item, "FixedVersion"));
  finding.purl = TRY(TextOf(ObjectOf(item, "PkgIdentifier"), "PURL"));
  finding.place = TRY(TextOf(item, "PkgPath"));
  finding.url = TRY(TextOf(item, "PrimaryURL"));
  finding.score = TRY(ScoreOf(item));
  finding.published = TRY(TimeOf(item, "PublishedDate"));
  finding.aliases = TRY(TextsOf(item, "VendorIDs"));
  if (finding.place.empty()) finding.place = target;
  const std::optional<Digest> layer = TRY(DigestOf(ObjectOf(item, "Layer"), "DiffID"));
  if (layer && std::ranges::find(report.identity.layers, *layer) == report.identity.layers.end()) {
    if (report.identity.layers.size() == kMostLayers) {
      return BadField(item.Find("Layer"), "is one of more layers than an image has");
    }
    report.identity.layers.push_back(*layer);
  }
  report.findings.push_back(std::move(finding));
  return {};
}

Result<void> AddSecret(JsonValue item, const std::string& target, Report& report) {
  TRY(ObjectIn(item));
  ScanFinding made;
  made.kind = FindingKind::kSecret;
  made.id = TRY(NeededText(item, "RuleID"));
  made.severity = TRY(SeverityOf(item, "Severity"));
  made.title = TRY(TextOf(item, "Title"));
  made.place = target;
  report.findings.push_back(std::move(made));
  return {};
}

Result<void> AddMisconfiguration(JsonValue item, const std::string& target, Report& report) {
  TRY(ObjectIn(item));
  const std::string status = TRY(TextOf(item, "Status"));
  constexpr std::array<std::string_view, 4> kStatuses = {"", "FAIL", "PASS", "EXCEPTION"};
  if (std::ranges::find(kStatuses, status) == kStatuses.end()) {
    return BadField(item.Find("Status"), "must be PASS, FAIL or EXCEPTION");
  }
  if (status == "PASS") return {};
  const std::string title = TRY(TextOf(item, "Title"));
  const std::string message = TRY(TextOf(item, "Message"));
  ScanFinding finding;
  finding.kind = FindingKind::kMisconfiguration;
  finding.id = TRY(NeededText(item, "ID"));
  finding.severity = TRY(SeverityOf(item, "Severity"));
  finding.title = message.empty() ? title : message;
  finding.fixed = TRY(TextOf(item, "Resolution"));
  finding.place = target;
  finding.url = TRY(TextOf(item, "PrimaryURL"));
  finding.suppressed = status == "EXCEPTION";
  const std::string avd = TRY(TextOf(item, "AVDID"));
  if (!avd.empty()) finding.aliases.push_back(avd);
  report.findings.push_back(std::move(finding));
  return {};
}

Result<void> AddLicense(JsonValue item, const std::string& target, Report& report) {
  TRY(ObjectIn(item));
  const std::string path = TRY(TextOf(item, "FilePath"));
  ScanFinding made;
  made.kind = FindingKind::kLicense;
  made.id = TRY(NeededText(item, "Name"));
  made.severity = TRY(SeverityOf(item, "Severity"));
  made.package = TRY(TextOf(item, "PkgName"));
  made.place = path.empty() ? target : path;
  made.url = TRY(TextOf(item, "Link"));
  made.category = TRY(TextOf(item, "Category"));
  report.findings.push_back(std::move(made));
  return {};
}

// Findings that Trivy was told to pass over (--show-suppressed), kept so that they are counted.
Result<void> AddSuppressed(JsonValue item, const std::string& target, Report& report) {
  TRY(ObjectIn(item));
  const std::string type = TRY(TextOf(item, "Type"));
  const JsonValue finding = TRY(ObjectOf(item, "Finding"));
  if (!finding) return BadField(item, "must have a \"Finding\"");
  const size_t before = report.findings.size();
  if (type == "vulnerability") TRY(AddVulnerability(finding, target, report));
  if (type == "secret") TRY(AddSecret(finding, target, report));
  if (type == "misconfiguration") TRY(AddMisconfiguration(finding, target, report));
  if (type == "license") TRY(AddLicense(finding, target, report));
  constexpr std::array<std::string_view, 4> kTypes = {"vulnerability", "secret", "misconfiguration",
                                                      "license"};
  if (std::ranges::find(kTypes, type) == kTypes.end()) {
    return BadField(item, "must have the \"Type\" of a finding");
  }
  for (size_t i = before; i < report.findings.size(); ++i) report.findings[i].suppressed = true;
  return {};
}

Result<void> AddPackage(JsonValue item, Report& report) {
  TRY(ObjectIn(item));
  report.packages_listed = true;
  Package made;
  made.name = TRY(NeededText(item, "Name"));
  made.version = TRY(TextOf(item, "Version"));
  made.purl = TRY(TextOf(ObjectOf(item, "Identifier"), "PURL"));
  report.packages.push_back(std::move(made));
  return {};
}

using Adder = Result<void> (*)(JsonValue, const std::string&, Report&);
struct Section {
  std::string_view name;
  Adder add;
  std::optional<ScanClass> shows;  // what was looked for where it has members
};
constexpr std::array<Section, 5> kSections = {{
    {"Vulnerabilities", AddVulnerability, ScanClass::kVulnerabilities},
    {"Secrets", AddSecret, ScanClass::kSecrets},
    {"Misconfigurations", AddMisconfiguration, ScanClass::kMisconfigurations},
    {"Licenses", AddLicense, ScanClass::kLicenses},
    {"ExperimentalModifiedFindings", AddSuppressed, std::nullopt},
}};

// What a result's class shows to have been looked for, with or without findings. Reports of before
// classes name none.
void ShowClass(std::string_view name, Report& report) {
  if (name == "os-pkgs" || name == "lang-pkgs") Show(ScanClass::kVulnerabilities, report);
  if (name == "secret") Show(ScanClass::kSecrets, report);
  if (name == "config") Show(ScanClass::kMisconfigurations, report);
  if (name.starts_with("license")) Show(ScanClass::kLicenses, report);
}

// What was cut out of the list is still counted. That more are listed hides nothing.
Result<void> CheckSummary(JsonValue result, std::span<const ScanFinding> findings) {
  const JsonValue summary = TRY(ObjectOf(result, "MisconfSummary"));
  const JsonValue failures = TRY(summary.Field("Failures"));
  if (!failures) return {};
  const auto stated = failures.Int();
  if (!stated.ok() || stated.value() < 0) return BadField(failures, "must be a count");
  const auto listed = std::ranges::count_if(findings, [](const ScanFinding& finding) {
    return finding.kind == FindingKind::kMisconfiguration && !finding.suppressed;
  });
  if (stated.value() <= listed) return {};
  return BadField(failures, "counts more failed checks than the " + std::to_string(listed) +
                                " that are listed");
}

Result<void> CheckClass(JsonValue result) {
  constexpr std::array<std::string_view, 9> kClasses = {
      "",        "os-pkgs",      "lang-pkgs", "config", "secret",
      "license", "license-file", "custom",    "unknown"};
  const std::string name = TRY(TextOf(result, "Class"));
  if (std::ranges::find(kClasses, name) != kClasses.end()) return {};
  return BadField(result.Find("Class"), "must be a class of results");
}

}  // namespace

void Show(ScanClass what, Report& report) {
  if (std::ranges::find(report.shown, what) == report.shown.end()) report.shown.push_back(what);
}

Result<void> AddTrivyResult(JsonValue result, Report& report) {
  TRY(ObjectIn(result));
  TRY(CheckClass(result));
  const std::string target = TRY(TextOf(result, "Target"));
  const std::string type = TRY(TextOf(result, "Type"));
  ShowClass(result.Find("Class").text(), report);
  const size_t before = report.findings.size();
  for (const Section& section : kSections) {
    const JsonValue list = TRY(ListOf(result, section.name));
    for (const JsonValue item : list) TRY(section.add(item, target, report));
    if (section.shows && list.size() != 0) Show(*section.shows, report);
  }
  TRY(CheckSummary(result, std::span(report.findings).subspan(before)));
  for (size_t i = before; i < report.findings.size(); ++i) report.findings[i].type = type;
  for (const JsonValue item : TRY(ListOf(result, "Packages"))) TRY(AddPackage(item, report));
  return {};
}

}  // namespace runward
