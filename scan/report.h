#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "policy/image_rule.h"
#include "policy/names.h"

namespace runward {

// What a scanner wrote, in one form for all of them. Nothing in it is verified: whoever signs what
// is decided from it vouches for the scan.

enum class ReportFormat : uint8_t { kTrivy, kTrivyLegacy, kGrype, kCycloneDx, kSarif };
std::string_view FormatName(ReportFormat format);

enum class FindingKind : uint8_t { kVulnerability, kSecret, kMisconfiguration, kLicense };
std::string_view KindName(FindingKind kind);  // "vulnerability"

struct ScanFinding {
  FindingKind kind = FindingKind::kVulnerability;
  std::string id;                    // CVE-…, GHSA-…, a rule's id, a licence's name
  std::vector<std::string> aliases;  // other ids of the same vulnerability
  Severity severity = Severity::kUnknown;
  std::string title;
  std::string package;
  std::string version;
  std::string type;       // "deb", "npm": the scanner's word
  std::string fixed;      // the version, or versions, with the fix; "" when there is none
  std::string fix_state;  // Grype's word: "wont-fix"; "" from others
  std::string purl;
  std::string place;  // the target or path in which it was found
  std::string url;
  std::string category;           // of a licence
  std::optional<double> score;    // CVSS, the highest
  std::optional<double> epss;     // 0 to 1
  bool known_exploited = false;   // the report says so
  std::optional<Time> published;  // the vulnerability, not the finding
  bool suppressed = false;        // the scanner was told to pass over it
};

struct Package {
  std::string name;
  std::string version;
  std::string purl;
};

// Which image was scanned, as the report says.
struct ReportIdentity {
  std::optional<Digest> config;
  std::vector<Digest> manifests;  // of the platform, of an index
  std::vector<Digest> diff_ids;   // lowest first; empty when not known
  std::vector<Digest> layers;     // some of the image's layers, in no order (legacy reports)
  std::vector<std::string> names;
  std::string problem;  // why it cannot be believed; "" when nothing speaks against it
};

struct Report {
  ReportFormat format = ReportFormat::kTrivy;
  bool facts_known = false;  // of the image's configuration: `user` and `labels`
  bool packages_listed = false;
  bool has_epss = false;
  bool tells_fixes = true;     // false: that a finding has no fix is not known
  bool has_exploited = false;  // the format says which vulnerabilities are known to be exploited
  std::optional<bool> end_of_life;
  std::string file;     // for messages
  std::string sha256;   // of the report's bytes, hex
  std::string scanner;  // "Trivy 0.57.0"
  std::string artifact_type;
  std::optional<Time> created;
  std::optional<Time> database;  // when the vulnerability database was built
  std::string os;                // "debian 12.5"; "" when none was recognised
  ReportIdentity identity;
  std::string user;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<ScanFinding> findings;
  std::vector<Package> packages;
  // Packages are listed, and nothing shows whether vulnerabilities were looked for in them.
  bool only_lists = false;
  // Why the distribution's packages were not looked at; "" when nothing speaks for that.
  std::string passed_over;
  // What the report shows to have been looked for, and what its scanner can look for at all. That
  // something is not shown does not mean that it was not done: scanners do not write it down.
  std::vector<ScanClass> shown;
  std::vector<ScanClass> possible;
};

// For a person, where the version with the fix is not named.
inline constexpr std::string_view kUnnamedFix = "the version with the fix, which is not named";
// Whether there is a version with the fix, also when the report does not name it.
bool HasFix(const ScanFinding& finding);

// CVSS's qualitative scale (version 3.1, section 5; of version 4 the same). Version 2 has none: its
// scores count by this one, which has a "critical".
Severity SeverityOfScore(double cvss);

// Larger reports are refused unread.
inline constexpr size_t kMaxReportBytes = size_t{128} << 20;

// Reads a report of any of the formats, recognised by its content. Errors name `file` and the
// position. What is not understood is an error, never passed over: a severity that is no severity,
// a time without its zone, a number that is no score. Keys that are not known are the scanner's to
// add; one that differs from a known key only in case is an error.
Result<Report> ReadReport(std::string text, std::string_view file);

// Members of a document by which reports are known, of which each report has one.
std::vector<std::string_view> ReportMarks(JsonValue root);

// For ReadReport: the formats.
Result<void> ReadTrivy(JsonValue root, Report& report);
Result<void> ReadTrivyLegacy(JsonValue root, Report& report);
Result<void> ReadGrype(JsonValue root, Report& report);
Result<void> ReadCycloneDx(JsonValue root, Report& report);
Result<void> ReadSarif(JsonValue root, Report& report);

}  // namespace runward
