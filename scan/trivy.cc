#include <algorithm>

#include "scan/fields.h"
#include "scan/image_config.h"
#include "scan/report.h"
#include "scan/trivy_result.h"

// Trivy's JSON: pkg/types/report.go and its neighbours; schema 2, and the array of results that
// came before it. docs/scan.md says what such a report does not tell.
namespace runward {
namespace {

// Trivy's word for packages of a distribution that it does not recognise (scan/local/service.go).
constexpr std::string_view kUnknownSystem = "none";

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
  for (const JsonValue result : TRY(ListOf(root, "Results"))) TRY(AddTrivyResult(result, report));
  JudgeSystem(root, report);
  JudgeLists(report);
  return {};
}

Result<void> ReadTrivyLegacy(JsonValue root, Report& report) {
  report.scanner = "Trivy";
  CanFind(report);
  for (const JsonValue result : root) {
    TRY(AddTrivyResult(result, report));
    (void)TRY(NeededText(result, "Target"));
    // Results were of packages only, then.
    if (result.Find("Type")) Show(ScanClass::kVulnerabilities, report);
  }
  return {};
}

}  // namespace runward
