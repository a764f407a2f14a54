#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace runward {

// A profile's "image" section: what is asked of an image before it gets a verdict. Evaluated by
// `runwardctl verdict evaluate` from a scanner's report (scan/evaluate.h), never by the shim, which
// asks for the verdict alone. What the section does not mention is not asked.

// As scanners say it, mildest first.
enum class Severity : uint8_t { kUnknown, kNegligible, kLow, kMedium, kHigh, kCritical };
inline constexpr std::string_view kSeverityNames[] = {"unknown", "negligible", "low",
                                                      "medium",  "high",       "critical"};
std::string_view SeverityName(Severity severity);
// "HIGH", "High" and "high" alike; nullopt for a word that is none.
std::optional<Severity> ParseSeverity(std::string_view text);

enum class Effect : uint8_t { kOff, kWarn, kEnforce };  // what a breach of a rule does

// What can be looked for in an image.
enum class ScanClass : uint8_t { kVulnerabilities, kSecrets, kMisconfigurations, kLicenses };
inline constexpr std::string_view kScanClassNames[] = {"vuln", "secret", "misconfig", "license"};
std::optional<ScanClass> ParseScanClass(std::string_view text);

// Findings from `fail` on fail the image, from `warn` on warn.
struct SeverityRule {
  std::optional<Severity> fail;
  std::optional<Severity> warn;
  Effect mode = Effect::kEnforce;  // kWarn: nothing fails; kOff: nothing is asked
  [[nodiscard]] bool asks() const { return mode != Effect::kOff && (fail || warn); }
};

struct VulnerabilityRule {
  SeverityRule severity;
  Severity unknown_as = Severity::kCritical;  // it may be
  Effect unfixed = Effect::kEnforce;          // the most that a finding without a fix does
  int64_t grace_ns = 0;                       // since publication: warns only
  Effect known_exploited = Effect::kOff;
  std::optional<double> epss_fail;  // 0 to 1
  std::optional<double> epss_warn;
};

// Names or package URLs in which '*' is any run of characters, compared without regard to case.
struct ListRule {
  std::vector<std::string> deny;
  std::optional<std::vector<std::string>> allow;  // when given, nothing else may be
  Effect mode = Effect::kEnforce;
  [[nodiscard]] bool asks() const { return mode != Effect::kOff && (!deny.empty() || allow); }
};

struct ScanRule {
  int64_t max_age_ns = 0;           // 0: no limit
  int64_t max_database_age_ns = 0;  // the same, of the vulnerability database
  std::vector<ScanClass> classes;   // that must have been looked for
  Effect mode = Effect::kEnforce;
};

// A finding that somebody has looked at and accepts.
struct PolicyException {
  std::string id;                     // CVE, GHSA, or the id of a secret's or check's rule
  std::vector<std::string> images;    // patterns of names; empty: all that the profile governs
  std::vector<std::string> packages;  // patterns of package URLs or names; empty: all
  std::optional<Time> expires;        // the last moment at which it holds
  std::string reason;
};

struct ImageRule {
  VulnerabilityRule vulnerabilities;
  ListRule cves;  // ids; only `deny` is used
  SeverityRule secrets;
  SeverityRule misconfigurations;
  ListRule licenses;
  std::vector<std::string> license_categories;  // denied, as Trivy names them
  ListRule packages;
  Effect root = Effect::kOff;         // the image's user is root
  Effect end_of_life = Effect::kOff;  // the distribution gets no more fixes
  ScanRule scan;
  ListRule labels;  // `deny` holds the names that must be there
  ListRule bases;   // chain IDs, one of which the image's layers must begin with
  std::vector<PolicyException> exceptions;
  bool accept_vex = true;     // VEX documents given beside the policy
  bool accept_ignore = true;  // scanners' ignore files given beside the policy
};

// Of a section that Validate and CheckImage found good.
ImageRule ReadImageRule(JsonValue image);

}  // namespace runward
