#include <algorithm>
#include <array>

#include "scan/fields.h"
#include "scan/image_config.h"
#include "scan/report.h"

// Trivy's JSON: pkg/types/report.go and its neighbours; schema 2, and the array of results that
// came before it. docs/scan.md says what such a report does not tell.
namespace runward {
namespace {

constexpr double kMaxCvss = 10;
constexpr size_t kMostLayers = 512;  // runtimes take 127
// Trivy's word for packages of a distribution that it does not recognise (scan/local/service.go).
constexpr std::string_view kUnknownSystem = "none";

void Show(ScanClass what, Report& report) {
  if (std::ranges::find(report.shown, what) == report.shown.end()) report.shown.push_back(what);
}

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

Result<void> CheckClass(JsonValue result) {
  constexpr std::array<std::string_view, 9> kClasses = {
      "",        "os-pkgs",      "lang-pkgs", "config", "secret",
      "license", "license-file", "custom",    "unknown"};
  const std::string name = TRY(TextOf(result, "Class"));
  if (std::ranges::find(kClasses, name) != kClasses.end()) return {};
  return BadField(result.Find("Class"), "must be a class of results");
}

Result<void> AddResult(JsonValue result, Report& report) {
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
  for (size_t i = before; i < report.findings.size(); ++i) report.findings[i].type = type;
  for (const JsonValue item : TRY(ListOf(result, "Packages"))) TRY(AddPackage(item, report));
  return {};
}

Result<void> ReadSystem(JsonValue metadata, Report& report) {
  const JsonValue os = TRY(ObjectOf(metadata, "OS"));
  if (!os) return {};
  const std::string family = TRY(TextOf(os, "Family"));
  if (family.empty() || family == kUnknownSystem) return {};
  const std::string name = TRY(TextOf(os, "Name"));
  report.os = family + (name.empty() ? "" : " " + name);
  report.end_of_life = TRY(FlagOf(os, "EOSL"));
  return {};
}

Result<void> ReadMetadata(JsonValue metadata, Report& report) {
  ReportIdentity& identity = report.identity;
  TRY(ReadSystem(metadata, report));
  identity.config = TRY(DigestOf(metadata, "ImageID"));
  identity.diff_ids = TRY(DigestsOf(metadata, "DiffIDs"));
  identity.manifests = TRY(RepoDigestsOf(metadata, "RepoDigests"));
  for (std::string& tag : TRY(TextsOf(metadata, "RepoTags"))) {
    identity.names.push_back(std::move(tag));
  }
  const JsonValue config = TRY(ObjectOf(metadata, "ImageConfig"));
  const bool image = report.artifact_type == "container_image";
  return config && image ? ReadImageConfig(config, report) : Result<void>();
}

// What Trivy did with the distribution's packages. One that it has no data for it warns about on
// its log, and leaves their result out of the report; with a list of packages, one that found none
// of the distribution's looked at nothing.
void JudgeSystem(JsonValue root, Report& report) {
  const std::string_view family = root.Find("Metadata").Find("OS").Find("Family").text();
  bool looked = false;
  for (const JsonValue result : root.Find("Results")) {
    const std::string_view kind = result.Find("Class").text();
    const bool empty =
        result.Find("Packages").size() == 0 && result.Find("Vulnerabilities").size() == 0;
    // Before classes there were only packages.
    looked |= (kind.empty() || kind == "os-pkgs") && !(empty && report.packages_listed);
  }
  // It looks for the end of life where it looks at the packages.
  if (!looked && !report.end_of_life.value_or(false)) report.end_of_life.reset();
  if (looked || family.empty()) return;
  std::erase(report.shown, ScanClass::kVulnerabilities);
  report.passed_over = "the packages of the image's distribution (" +
                       (report.os.empty() ? "which is none that Trivy knows" : report.os) +
                       ") were not scanned: the report has no result of them";
}

// With --list-all-pkgs, the default for JSON of late, packages are listed whatever it looked for.
void JudgeLists(Report& report) {
  const bool found = std::ranges::find(report.findings, FindingKind::kVulnerability,
                                       &ScanFinding::kind) != report.findings.end();
  const bool looked = found || report.end_of_life.value_or(false);
  if (!report.packages_listed || looked || !report.passed_over.empty()) return;
  report.only_lists = true;
}

void CanFind(Report& report) {
  report.possible = {ScanClass::kVulnerabilities, ScanClass::kSecrets,
                     ScanClass::kMisconfigurations, ScanClass::kLicenses};
}

}  // namespace

Result<void> ReadTrivy(JsonValue root, Report& report) {
  const JsonValue version = TRY(root.Field("SchemaVersion"));
  const auto number = version.Int();
  if (!number.ok() || number.value() != 2) return BadField(version, "must be 2");
  const std::string trivy = TRY(TextOf(ObjectOf(root, "Trivy"), "Version"));
  report.scanner = trivy.empty() ? "Trivy" : "Trivy " + trivy;
  CanFind(report);
  report.artifact_type = TRY(TextOf(root, "ArtifactType"));
  report.created = TRY(TimeOf(root, "CreatedAt"));
  const JsonValue metadata = TRY(ObjectOf(root, "Metadata"));
  TRY(ReadMetadata(metadata, report));
  const std::string name = TRY(TextOf(root, "ArtifactName"));
  if (report.artifact_type == "container_image" && !name.empty()) {
    report.identity.names.push_back(name);
  }
  for (const JsonValue result : TRY(ListOf(root, "Results"))) TRY(AddResult(result, report));
  JudgeSystem(root, report);
  JudgeLists(report);
  return {};
}

Result<void> ReadTrivyLegacy(JsonValue root, Report& report) {
  report.scanner = "Trivy";
  CanFind(report);
  for (const JsonValue result : root) {
    TRY(AddResult(result, report));
    (void)TRY(NeededText(result, "Target"));
    // Results were of packages only, then.
    if (result.Find("Type")) Show(ScanClass::kVulnerabilities, report);
  }
  return {};
}

}  // namespace runward
