#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "scan/fields.h"
#include "scan/image_config.h"
#include "scan/report.h"

// Grype's JSON: presenter/models/document.go, and syft's image metadata in "source".
namespace runward {
namespace {

constexpr double kMaxCvss = 10;

// Distributions, by the ids of their os-release, whose packages Grype's database knows of; busybox
// has none, and Arch's are in newer databases. It takes others (Gentoo) as they are, and finds
// nothing in them.
constexpr std::array<std::string_view, 38> kKnown = {
    "almalinux",    "alpaquita",
    "alpine",       "amazonlinux",
    "amzn",         "azurelinux",
    "busybox",      "centos",
    "chainguard",   "cleanstart",
    "clnstrt",      "debian",
    "echo",         "fedora",
    "hummingbird",  "mariner",
    "minimos",      "ol",
    "openeuler",    "opensuse-leap",
    "opensuseleap", "oraclelinux",
    "photon",       "postmarketos",
    "raspbian",     "redhat",
    "rhel",         "rocky",
    "rockylinux",   "scientific",
    "secureos",     "sled",
    "sles",         "sles-sap",
    "ubuntu",       "windows",
    "wolfi",        "bellsoft-hardened-containers"};

Result<std::optional<double>> ScoreOf(JsonValue vulnerability) {
  std::optional<double> best;
  for (const JsonValue cvss : TRY(ListOf(vulnerability, "cvss"))) {
    TRY(ObjectIn(cvss));
    best = std::max(best, TRY(NumberOf(ObjectOf(cvss, "metrics"), "baseScore", 0, kMaxCvss)));
  }
  for (const std::string_view old : {"cvssV3", "cvssV2"}) {
    if (best) break;
    best = TRY(NumberOf(ObjectOf(vulnerability, old), "baseScore", 0, kMaxCvss));
  }
  return best;
}

Result<void> ReadFix(JsonValue vulnerability, ScanFinding& finding) {
  for (const std::string& version : TRY(TextsOf(ObjectOf(vulnerability, "fix"), "versions"))) {
    finding.fixed += (finding.fixed.empty() ? "" : ", ") + version;
  }
  finding.fix_state = TRY(TextOf(ObjectOf(vulnerability, "fix"), "state"));
  // Grype before 0.13 has one version beside the others.
  if (finding.fixed.empty()) finding.fixed = TRY(TextOf(vulnerability, "fixedInVersion"));
  return {};
}

Result<void> ReadExploitation(JsonValue vulnerability, ScanFinding& finding, Report& report) {
  for (const JsonValue epss : TRY(ListOf(vulnerability, "epss"))) {
    TRY(ObjectIn(epss));
    finding.epss = std::max(finding.epss, TRY(NumberOf(epss, "epss", 0, 1)));
  }
  report.has_epss |= finding.epss.has_value();
  finding.known_exploited |= TRY(ListOf(vulnerability, "knownExploited")).size() > 0;
  return {};
}

Result<std::string> PathOf(JsonValue artifact) {
  const JsonValue locations = TRY(ListOf(artifact, "locations"));
  for (const JsonValue location : locations) {
    TRY(ObjectIn(location));
    return TextOf(location, "path");
  }
  return std::string();
}

Result<void> AddMatch(JsonValue match, bool suppressed, Report& report) {
  TRY(ObjectIn(match));
  const JsonValue vulnerability = TRY(ObjectOf(match, "vulnerability"));
  const JsonValue artifact = TRY(ObjectOf(match, "artifact"));
  if (!vulnerability) return BadField(match, "must have a \"vulnerability\"");
  if (!artifact) return BadField(match, "must have an \"artifact\"");
  ScanFinding finding;
  finding.id = TRY(NeededText(vulnerability, "id"));
  finding.severity = TRY(SeverityOf(vulnerability, "severity"));
  finding.title = TRY(TextOf(vulnerability, "description"));
  finding.package = TRY(NeededText(artifact, "name"));
  finding.version = TRY(TextOf(artifact, "version"));
  finding.type = TRY(TextOf(artifact, "type"));
  finding.purl = TRY(TextOf(artifact, "purl"));
  finding.place = TRY(PathOf(artifact));
  finding.url = TRY(TextOf(vulnerability, "dataSource"));
  finding.score = TRY(ScoreOf(vulnerability));
  finding.suppressed = suppressed;
  TRY(ReadFix(vulnerability, finding));
  TRY(ReadExploitation(vulnerability, finding, report));
  for (const JsonValue related : TRY(ListOf(match, "relatedVulnerabilities"))) {
    TRY(ObjectIn(related));
    const std::string id = TRY(NeededText(related, "id"));
    if (id != finding.id) finding.aliases.push_back(id);
    TRY(ReadExploitation(related, finding, report));
    if (!finding.score) finding.score = TRY(ScoreOf(related));
  }
  report.findings.push_back(std::move(finding));
  return {};
}

// The configuration as the image has it, in base64: it proves itself by its hash.
Result<void> ReadConfig(JsonValue target, Report& report) {
  const std::string encoded = TRY(TextOf(target, "config"));
  if (encoded.empty()) return {};
  const std::optional<std::string> text = Base64Decode(encoded);
  if (!text) return BadField(target.Find("config"), "must be base64");
  const std::optional<Digest> hash = Digest::FromHex(Sha256Hex(*text));
  if (hash != report.identity.config) {
    report.identity.problem = "its copy of the image's configuration is not what \"imageID\" names";
    return {};
  }
  const Result<JsonDocument> config = JsonDocument::Parse(*text);
  if (!config.ok()) return BadField(target.Find("config"), config.error().message);
  const Result<void> read = ReadImageConfig(config.value().root(), report);
  if (!read.ok()) {
    return Error{
        target.Find("config").Where() + ": in the image's configuration: " + read.error().message,
        ""};
  }
  return {};
}

// An id that is no digest names no image.
std::optional<Digest> DigestIn(const std::string& text) { return Digest::Parse(text); }

Result<void> ReadSource(JsonValue source, Report& report) {
  report.artifact_type = TRY(NeededText(source, "type"));
  if (report.artifact_type != "image") return {};
  const JsonValue target = TRY(ObjectOf(source, "target"));
  ReportIdentity& identity = report.identity;
  identity.config = DigestIn(TRY(TextOf(target, "imageID")));
  if (const auto manifest = DigestIn(TRY(TextOf(target, "manifestDigest")))) {
    identity.manifests.push_back(*manifest);
  }
  for (const std::string& name : TRY(TextsOf(target, "repoDigests"))) {
    const auto digest = DigestIn(name.substr(name.rfind('@') + 1));
    if (digest) identity.manifests.push_back(*digest);
  }
  const std::string input = TRY(TextOf(target, "userInput"));
  identity.names = TRY(TextsOf(target, "tags"));
  if (!input.empty()) identity.names.insert(identity.names.begin(), input);
  return ReadConfig(target, report);
}

// "db" of version 5 of the database, and "db.status" of version 6.
Result<std::optional<Time>> DatabaseOf(JsonValue descriptor) {
  const JsonValue db = TRY(ObjectOf(descriptor, "db"));
  const JsonValue status = TRY(ObjectOf(db, "status"));
  return TimeOf(status ? status : db, "built");
}

// Whether the database (version 6) names what it has from the provider.
bool HasData(JsonValue descriptor, std::string_view provider) {
  return bool(descriptor.Find("db").Find("providers").Find(provider));
}

Result<void> ReadDescriptor(JsonValue descriptor, Report& report) {
  const std::string name = TRY(NeededText(descriptor, "name"));
  if (name != "grype") return BadField(descriptor.Find("name"), "must be grype");
  report.scanner = "Grype " + TRY(TextOf(descriptor, "version"));
  report.created = TRY(TimeOf(descriptor, "timestamp"));
  report.database = TRY(DatabaseOf(descriptor));
  report.has_exploited = HasData(descriptor, "kev");
  return {};
}

// Whether a match is one of the distribution's data: "debian:distro:debian:12".
bool OfDistribution(JsonValue match) {
  return match.Find("vulnerability").Find("namespace").text().find(":distro:") !=
         std::string_view::npos;
}

// What Grype says of packages besides vulnerabilities: that nobody mends, or that it has no data of
// their distribution.
Result<void> ReadAlerts(JsonValue root, Report& report) {
  for (const JsonValue package : TRY(ListOf(root, "alertsByPackage"))) {
    TRY(ObjectIn(package));
    for (const JsonValue alert : TRY(ListOf(package, "alerts"))) {
      TRY(ObjectIn(alert));
      const std::string type = TRY(TextOf(alert, "type"));
      if (type == "distro-eol") report.end_of_life = true;
      if (type != "distro-unknown" && type != "distro-disabled") continue;
      report.passed_over =
          "Grype has no data of the distribution of the image's packages (" + type + ")";
    }
  }
  return {};
}

Result<void> ReadDistro(JsonValue root, Report& report) {
  const JsonValue distro = TRY(ObjectOf(root, "distro"));
  const std::string name = TRY(TextOf(distro, "name"));
  const std::string version = TRY(TextOf(distro, "version"));
  if (!name.empty()) report.os = name + (version.empty() ? "" : " " + version);
  TRY(ReadAlerts(root, report));
  const bool arch = name == "arch" || name == "archlinux";
  bool known = std::ranges::find(kKnown, name) != kKnown.end() ||
               (arch && HasData(root.Find("descriptor"), "arch"));
  if (!known) {
    for (const JsonValue match : root.Find("matches")) known |= OfDistribution(match);
  }
  if (known || !report.passed_over.empty()) return {};
  report.passed_over = name.empty() ? "Grype recognised no distribution in the image"
                                    : "Grype has no data of the image's distribution, " + name;
  return {};
}

}  // namespace

Result<void> ReadGrype(JsonValue root, Report& report) {
  report.possible = {ScanClass::kVulnerabilities};
  const JsonValue descriptor = TRY(ObjectOf(root, "descriptor"));
  if (!descriptor) return Error{root.Where() + ": the report has no \"descriptor\"", ""};
  const JsonValue source = TRY(ObjectOf(root, "source"));
  if (!source) return Error{root.Where() + ": the report has no \"source\"", ""};
  TRY(ReadDescriptor(descriptor, report));
  TRY(ReadSource(source, report));
  const JsonValue matches = TRY(root.Field("matches"));
  if (!matches.IsArray()) return BadField(matches, "must be a list");
  for (const JsonValue match : matches) TRY(AddMatch(match, false, report));
  for (const JsonValue match : TRY(ListOf(root, "ignoredMatches"))) {
    TRY(AddMatch(match, true, report));
  }
  // Formats that know of EPSS know of known exploited ones.
  report.has_exploited |= report.has_epss;
  // Grype lists no packages: that it recognised the distribution shows that it looked.
  TRY(ReadDistro(root, report));
  if (report.passed_over.empty()) report.shown.push_back(ScanClass::kVulnerabilities);
  return {};
}

}  // namespace runward
