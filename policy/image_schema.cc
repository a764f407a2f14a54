#include "policy/image_schema.h"

#include <array>

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 5> kSeverities = {"negligible", "low", "medium", "high",
                                                    "critical"};
constexpr std::array<string_view, 3> kEffects = {"enforce", "warn", "off"};
constexpr std::array<string_view, 4> kClasses = {"vuln", "secret", "misconfig", "license"};
constexpr std::array<string_view, 2> kOutside = {"vex", "ignore"};
constexpr std::array<string_view, 7> kCategories = {
    "forbidden", "restricted", "reciprocal", "notice", "permissive", "unencumbered", "unknown"};

constexpr KeySpec kFail = {.name = "fail",
                           .shape = Shape::kChoice,
                           .help = "The severity from which on a finding fails the image.",
                           .choices = kSeverities};
constexpr KeySpec kWarn = {.name = "warn",
                           .shape = Shape::kChoice,
                           .help = "The severity from which on a finding warns.",
                           .choices = kSeverities};
constexpr KeySpec kMode = {.name = "mode",
                           .shape = Shape::kChoice,
                           .help =
                               "enforce: a breach fails the image; warn: it only warns; off: "
                               "nothing is asked.",
                           .fallback = "\"enforce\"",
                           .choices = kEffects};

constexpr KeySpec Patterns(string_view name, string_view help, Count count = Count::kSome) {
  return {.name = name, .shape = Shape::kGlob, .count = count, .help = help};
}

constexpr std::array<KeySpec, 6> kVulnerabilityKeys = {{
    kFail,
    {.name = "grace",
     .shape = Shape::kDuration,
     .help = "How long after its publication a vulnerability only warns. Not for those that are "
             "known to be exploited, and not where the report has no date."},
    kMode,
    {.name = "unfixed",
     .shape = Shape::kChoice,
     .help = "The most that a vulnerability without a fix does: enforce is what its severity says.",
     .fallback = "\"enforce\"",
     .choices = kEffects},
    {.name = "unknownAs",
     .shape = Shape::kChoice,
     .help = "What a finding counts as of which the report tells neither severity nor CVSS score.",
     .fallback = "\"critical\"",
     .choices = kSeverities},
    kWarn,
}};
constexpr ObjectSpec kVulnerabilities = {"vulnerabilities", "Known vulnerabilities, by severity.",
                                         kVulnerabilityKeys};

constexpr std::array<KeySpec, 3> kSeverityKeys = {{kFail, kMode, kWarn}};
constexpr ObjectSpec kSecrets = {"secrets", "Secrets found in the image.", kSeverityKeys};
constexpr ObjectSpec kMisconfigurations = {
    "misconfigurations", "Failed checks of the image's configuration.", kSeverityKeys};

constexpr std::array<KeySpec, 2> kEpssKeys = {{
    {.name = "fail",
     .shape = Shape::kShare,
     .help = "The probability (0 to 1) from which on a vulnerability fails the image."},
    {.name = "warn",
     .shape = Shape::kShare,
     .help = "The probability (0 to 1) from which on a vulnerability warns."},
}};
constexpr ObjectSpec kEpss = {"epss", "How probable exploitation is, as EPSS estimates it.",
                              kEpssKeys};

constexpr std::array<KeySpec, 2> kCveKeys = {{
    Patterns("deny",
             "Vulnerabilities that no image may have, whatever their severity: CVE-… or "
             "GHSA-… ids."),
    kMode,
}};
constexpr ObjectSpec kCves = {"cves", "Vulnerabilities by name.", kCveKeys};

constexpr std::array<KeySpec, 4> kLicenseKeys = {{
    Patterns("allow", "The only licences that may be found, as SPDX names them.", Count::kAny),
    {.name = "categories",
     .shape = Shape::kChoice,
     .count = Count::kSome,
     .help = "Denied categories, as Trivy classifies licences.",
     .choices = kCategories},
    Patterns("deny", "Licences that may not be found, as SPDX names them."),
    kMode,
}};
constexpr ObjectSpec kLicenses = {"licenses", "Licences found in the image.", kLicenseKeys};

constexpr std::array<KeySpec, 3> kPackageKeys = {{
    Patterns("allow", "The only packages that may be there: package URLs or names.", Count::kAny),
    Patterns("deny",
             "Packages that may not be there: package URLs (pkg:deb/*/openssh-server) or names."),
    kMode,
}};
constexpr ObjectSpec kPackages = {"packages", "Packages in the image.", kPackageKeys};

constexpr std::array<KeySpec, 4> kScanKeys = {{
    {.name = "classes",
     .shape = Shape::kChoice,
     .count = Count::kSome,
     .help = "What must have been looked for.",
     .choices = kClasses},
    {.name = "maxAge",
     .shape = Shape::kDuration,
     .help = "How old the report may be when it is evaluated."},
    {.name = "maxDatabaseAge",
     .shape = Shape::kDuration,
     .help = "How old the vulnerability database of the scan may be when it is evaluated."},
    kMode,
}};
constexpr ObjectSpec kScan = {"scan", "What is asked of the scan itself.", kScanKeys};

constexpr std::array<KeySpec, 2> kLabelKeys = {{
    kMode,
    {.name = "required",
     .count = Count::kSome,
     .required = true,
     .help = "Labels that the image must have, with any value but an empty one."},
}};
constexpr ObjectSpec kLabels = {"labels", "What labels the image must have.", kLabelKeys};

constexpr std::array<KeySpec, 2> kBaseKeys = {{
    {.name = "allow",
     .shape = Shape::kDigest,
     .count = Count::kSome,
     .required = true,
     .help = "Chain IDs of the base images on whose layers an image may stand."},
    kMode,
}};
constexpr ObjectSpec kBases = {"bases", "What the image may be built from.", kBaseKeys};

constexpr std::array<KeySpec, 5> kExceptionKeys = {{
    {.name = "expires",
     .shape = Shape::kMoment,
     .help = "When it stops to hold; a date means its end (UTC). Without, each use warns."},
    {.name = "id",
     .required = true,
     .help =
         "A vulnerability (CVE-…, GHSA-…), a licence, or the id of a secret's or check's rule."},
    Patterns("images",
             "The images' names that it is for; all that the profile governs, when "
             "absent."),
    Patterns("packages", "The packages that it is for: package URLs or names; all, when absent."),
    {.name = "reason", .required = true, .help = "Why the finding is accepted; shown and signed."},
}};
constexpr ObjectSpec kException = {"exception", "A finding that somebody looked at and accepts.",
                                   kExceptionKeys};

constexpr KeySpec Section(string_view name, const ObjectSpec& object) {
  return {.name = name, .shape = Shape::kObject, .help = object.help, .object = &object};
}
constexpr KeySpec EffectKey(string_view name, string_view help) {
  return {.name = name,
          .shape = Shape::kChoice,
          .help = help,
          .fallback = "\"off\"",
          .choices = kEffects};
}

constexpr std::array<KeySpec, 15> kImageKeys = {{
    {.name = "accept",
     .shape = Shape::kChoice,
     .count = Count::kAny,
     .help = "Which exceptions given beside the policy count: VEX documents, scanners' ignore "
             "files; [] is none.",
     .fallback = R"(["vex", "ignore"])",
     .choices = kOutside},
    Section("bases", kBases),
    Section("cves", kCves),
    EffectKey("endOfLife", "What an image does whose distribution gets no more fixes."),
    Section("epss", kEpss),
    {.name = "exceptions",
     .shape = Shape::kObject,
     .count = Count::kSome,
     .help = "Findings that somebody looked at and accepts.",
     .object = &kException},
    EffectKey("knownExploited", "What a vulnerability does that is known to be exploited."),
    Section("labels", kLabels),
    Section("licenses", kLicenses),
    Section("misconfigurations", kMisconfigurations),
    Section("packages", kPackages),
    EffectKey("root", "What an image does whose process starts as root."),
    Section("scan", kScan),
    Section("secrets", kSecrets),
    Section("vulnerabilities", kVulnerabilities),
}};

}  // namespace

constinit const ObjectSpec kImageSchema = {
    "image", "What an image must meet to get a verdict: runwardctl verdict evaluate.", kImageKeys};

}  // namespace runward
