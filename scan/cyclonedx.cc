#include <algorithm>
#include <array>
#include <map>

#include "scan/fields.h"
#include "scan/purl.h"
#include "scan/report.h"

// CycloneDX with vulnerabilities, as Trivy and Grype write it (specification 1.4 to 1.7).
namespace runward {
namespace {

constexpr std::array<std::string_view, 4> kVersions = {"1.4", "1.5", "1.6", "1.7"};
constexpr size_t kMaxComponentDepth = 8;

using Components = std::map<std::string, Package, std::less<>>;

// Other methods (OWASP, SSVC, "other" of EPSS) have other scales. Without a method it may be CVSS.
Result<std::optional<double>> CvssOf(JsonValue rating) {
  const std::string method = TRY(TextOf(rating, "method"));
  if (!method.empty() && !method.starts_with("CVSS")) return std::optional<double>();
  return NumberOf(rating, "score", 0, 10);
}

Result<Severity> RatingOf(JsonValue rating, const std::optional<double>& cvss) {
  const std::string text = TRY(TextOf(rating, "severity"));
  if (text == "info" || text == "none") return Severity::kNegligible;
  const Severity stated = TRY(SeverityOf(rating, "severity"));
  return stated == Severity::kUnknown && cvss ? SeverityOfScore(*cvss) : stated;
}

// The worst that any source says: which of them counts is not written down.
Result<void> ReadRatings(JsonValue vulnerability, ScanFinding& finding) {
  for (const JsonValue rating : TRY(ListOf(vulnerability, "ratings"))) {
    TRY(ObjectIn(rating));
    const std::optional<double> cvss = TRY(CvssOf(rating));
    finding.severity = std::max(finding.severity, TRY(RatingOf(rating, cvss)));
    finding.score = std::max(finding.score, cvss);
  }
  return {};
}

Result<bool> Dismissed(JsonValue vulnerability) {
  constexpr std::array<std::string_view, 4> kGood = {"resolved", "resolved_with_pedigree",
                                                     "false_positive", "not_affected"};
  constexpr std::array<std::string_view, 3> kBad = {"", "exploitable", "in_triage"};
  const JsonValue analysis = TRY(ObjectOf(vulnerability, "analysis"));
  const std::string state = TRY(TextOf(analysis, "state"));
  if (std::ranges::find(kGood, state) != kGood.end()) return true;
  if (std::ranges::find(kBad, state) != kBad.end()) return false;
  return BadField(analysis.Find("state"), "must be a state of an analysis");
}

// "Upgrade libidn2-0 to version 2.0.5-1+deb10u1": all that Trivy says of a fix.
std::string FixIn(const std::string& recommendation) {
  constexpr std::string_view kTo = " to version ";
  const size_t at = recommendation.find(kTo);
  if (!recommendation.starts_with("Upgrade ") || at == std::string::npos) return "";
  const std::string rest = recommendation.substr(at + kTo.size());
  return rest.substr(0, rest.find(';'));
}

Result<void> AddVulnerability(JsonValue item, const Components& components, Report& report) {
  TRY(ObjectIn(item));
  ScanFinding finding;
  finding.id = TRY(NeededText(item, "id"));
  finding.title = TRY(TextOf(item, "description"));
  finding.fixed = FixIn(TRY(TextOf(item, "recommendation")));
  finding.published = TRY(TimeOf(item, "published"));
  finding.suppressed = TRY(Dismissed(item));
  TRY(ReadRatings(item, finding));
  const JsonValue affects = TRY(ListOf(item, "affects"));
  if (affects.size() == 0) report.findings.push_back(finding);
  for (const JsonValue affected : affects) {
    TRY(ObjectIn(affected));
    const std::string ref = TRY(NeededText(affected, "ref"));
    ScanFinding one = finding;
    const auto component = components.find(ref);
    if (component != components.end()) {
      one.package = component->second.name;
      one.version = component->second.version;
      one.purl = component->second.purl;
    } else if (const auto purl = Purl::Parse(ref)) {
      one.package = purl->name;
      one.version = purl->version;
      one.purl = ref;
    } else {
      one.package = ref;
    }
    report.findings.push_back(std::move(one));
  }
  return {};
}

Result<void> AddComponents(JsonValue list, size_t depth, Components& components, Report& report) {
  for (const JsonValue item : list) {
    TRY(ObjectIn(item));
    Package package;
    package.name = TRY(NeededText(item, "name"));
    package.version = TRY(TextOf(item, "version"));
    package.purl = TRY(TextOf(item, "purl"));
    const std::string ref = TRY(TextOf(item, "bom-ref"));
    if (!ref.empty()) components[ref] = package;
    const std::string type = TRY(TextOf(item, "type"));
    if (type == "operating-system") report.os = package.name + " " + package.version;
    if (type == "library" || type == "application") {
      report.packages_listed = true;
      report.packages.push_back(std::move(package));
    }
    const JsonValue inner = TRY(ListOf(item, "components"));
    if (depth == 0 && inner.size() != 0) return BadField(inner, "is nested too deeply");
    if (depth != 0) TRY(AddComponents(inner, depth - 1, components, report));
  }
  return {};
}

Result<void> ReadProperty(JsonValue property, ReportIdentity& identity) {
  TRY(ObjectIn(property));
  std::string name = TRY(TextOf(property, "name"));
  constexpr std::string_view kTrivy = "aquasecurity:trivy:";
  if (!name.starts_with(kTrivy)) return {};
  name.erase(0, kTrivy.size());
  if (name == "ImageID") identity.config = TRY(DigestOf(property, "value"));
  const std::string value = TRY(TextOf(property, "value"));
  if (name == "RepoTag") identity.names.push_back(value);
  if (name == "DiffID") {
    const auto digest = TRY(DigestOf(property, "value"));
    if (digest) identity.diff_ids.push_back(*digest);
  }
  if (name == "RepoDigest") {
    const auto digest = Digest::Parse(value.substr(value.rfind('@') + 1));
    if (!digest) return BadField(property.Find("value"), "must be NAME@sha256: and 64 hex digits");
    identity.manifests.push_back(*digest);
  }
  return {};
}

Result<void> ReadSubject(JsonValue component, Report& report) {
  ReportIdentity& identity = report.identity;
  report.artifact_type = TRY(TextOf(component, "type"));
  if (report.artifact_type != "container") return {};
  const std::string name = TRY(TextOf(component, "name"));
  if (!name.empty()) identity.names.push_back(name);
  for (const JsonValue property : TRY(ListOf(component, "properties"))) {
    TRY(ReadProperty(property, identity));
  }
  // Grype gives the manifest's digest as the version; Trivy a package URL of the image.
  if (const auto digest = Digest::Parse(TRY(TextOf(component, "version")))) {
    identity.manifests.push_back(*digest);
  }
  const auto purl = Purl::Parse(TRY(TextOf(component, "purl")));
  const auto digest = purl ? Digest::Parse(purl->version) : std::nullopt;
  if (digest) identity.manifests.push_back(*digest);
  return {};
}

// Of the formats that scanners have data for.
bool HasSystemPackage(const Report& report) {
  return std::ranges::any_of(report.packages, [](const Package& package) {
    const auto purl = Purl::Parse(package.purl);
    return purl && (purl->type == "deb" || purl->type == "rpm" || purl->type == "apk");
  });
}

// Version 1.5 has objects in "tools", 1.4 a list.
Result<void> ReadTool(JsonValue metadata, Report& report) {
  const JsonValue tools = TRY(metadata.Field("tools"));
  const JsonValue list = tools.IsObject() ? TRY(ListOf(tools, "components")) : tools;
  for (const JsonValue tool : list) {
    TRY(ObjectIn(tool));
    report.scanner = TRY(TextOf(tool, "name")) + " " + TRY(TextOf(tool, "version"));
    break;
  }
  if (report.scanner.empty()) report.scanner = "CycloneDX";
  return {};
}

}  // namespace

Result<void> ReadCycloneDx(JsonValue root, Report& report) {
  const std::string format = TRY(TextOf(root, "bomFormat"));
  if (format != "CycloneDX") return BadField(root.Find("bomFormat"), "must be CycloneDX");
  const std::string version = TRY(NeededText(root, "specVersion"));
  if (std::ranges::find(kVersions, version) == kVersions.end()) {
    return BadField(root.Find("specVersion"), "must be 1.4 to 1.7");
  }
  report.possible = {ScanClass::kVulnerabilities};
  const JsonValue metadata = TRY(ObjectOf(root, "metadata"));
  report.created = TRY(TimeOf(metadata, "timestamp"));
  TRY(ReadTool(metadata, report));
  const JsonValue component = TRY(ObjectOf(metadata, "component"));
  TRY(ReadSubject(component, report));
  Components components;
  const JsonValue listed = TRY(ListOf(root, "components"));
  TRY(AddComponents(listed, kMaxComponentDepth, components, report));
  const JsonValue vulnerabilities = TRY(ListOf(root, "vulnerabilities"));
  for (const JsonValue item : vulnerabilities) TRY(AddVulnerability(item, components, report));
  // Only Trivy writes recommendations; without any, nobody says what has a fix.
  report.tells_fixes = std::ranges::any_of(
      report.findings, [](const ScanFinding& finding) { return !finding.fixed.empty(); });
  if (!report.os.empty() && !HasSystemPackage(report)) {
    report.passed_over = "the document lists no package of the image's distribution (" + report.os +
                         "), which scanners leave out when they have no data of it";
  }
  // An empty list says nothing: Trivy writes one where it did not look.
  if (vulnerabilities.size() != 0 && report.passed_over.empty()) {
    report.shown.push_back(ScanClass::kVulnerabilities);
  }
  return {};
}

}  // namespace runward
