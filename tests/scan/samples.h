#pragma once

#include <string>

#include "base/encoding.h"
#include "scan/evaluate.h"

namespace runward::fixtures {

inline std::string Hash(char fill) { return "sha256:" + std::string(64, fill); }

// A Trivy report on an image with one vulnerability, which `more` may extend by members.
inline std::string Vulnerability(const std::string& id, const std::string& severity,
                                 const std::string& more = "") {
  return R"({"VulnerabilityID": ")" + id +
         R"(", "PkgName": "openssl", "InstalledVersion": "1.1",)" +
         R"("PkgIdentifier": {"PURL": "pkg:deb/debian/openssl@1.1?arch=amd64"}, "Severity": ")" +
         severity + "\"" + more + "}";
}
inline std::string Trivy(const std::string& vulnerabilities, const std::string& more = "") {
  return R"({"SchemaVersion": 2, "CreatedAt": "2026-11-20T10:00:00Z", "ArtifactName": "web:1",
    "ArtifactType": "container_image", "Metadata": {"OS": {"Family": "debian", "Name": "12"},
    "ImageID": ")" +
         Hash('c') + R"(", "DiffIDs": [")" + Hash('d') + R"("], "ImageConfig": {"config":
    {"User": "app", "Labels": {"team": "web"}}}},
    "Results": [{"Target": "debian", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [)" +
         vulnerabilities + "]" + more + "}]}";
}
inline std::string Grype(const std::string& severity, const std::string& more = "") {
  return R"({"matches": [{"vulnerability": {"id": "GHSA-1", "severity": ")" + severity +
         R"(", "fix": {"versions": ["2"], "state": "fixed"}, "epss": [{"epss": 0.6}]},
    "relatedVulnerabilities": [{"id": "CVE-2021-1"}],
    "artifact": {"name": "left-pad", "version": "1", "type": "npm", "purl": "pkg:npm/left-pad@1"}}],
    "source": {"type": "image", "target": {"userInput": "web:1", "imageID": ")" +
         Hash('c') + R"("}}, "distro": {"name": "debian", "version": "12"},
    "descriptor": {"name": "grype", "version": "0.94.0", "timestamp": "2026-11-20T10:00:00Z",
    "db": {"status": {"built": "2026-11-19T00:00:00Z"}}})" +
         more + "}";
}

// Evaluated by a policy whose only profile has this "image" section.
struct Judged {
  Report report;
  Result<Evaluation> evaluation = Error{};
};
class NoKeys : public KeySource {
 public:
  Result<std::string> ReadKey(std::string_view) override { return Error{"no key", ""}; }
};
inline Judged Judge(const std::string& report, const std::string& image,
                    const std::vector<Exception>& exceptions = {}, const KnownImage& known = {},
                    const ScanClaims& claims = {}) {
  NoKeys keys;
  const Policy policy = ParsePolicy(R"({"version": 1, "profiles": [{"name": "p", "match": {},
    "image": )" + image + "}]}",
                                    "policy.json", keys)
                            .value();
  Judged judged{.report = ReadReport(report, "report.json").value()};
  judged.evaluation = Evaluate({.report = judged.report,
                                .image = known,
                                .policy = policy,
                                .exceptions = exceptions,
                                .claims = claims,
                                .now = *ParseTime("2026-11-22T10:00:00Z")});
  return judged;
}
inline std::vector<std::string> Rules(const Judged& judged) {
  std::vector<std::string> rules;
  for (const Breach& breach : judged.evaluation.value().breaches) {
    rules.push_back((breach.effect == Effect::kEnforce ? "FAIL " : "warn ") + breach.rule);
  }
  return rules;
}

}  // namespace runward::fixtures
