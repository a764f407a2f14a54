#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scan/evaluate.h"
#include "tests/scan/samples.h"

namespace runward {
namespace {

using fixtures::Grype;
using fixtures::Hash;
using fixtures::Judge;
using fixtures::Judged;
using fixtures::Rules;
using fixtures::Trivy;
using fixtures::Vulnerability;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(JudgeScan, AReportThatScannedNothingIsNotClean) {
  const std::string image = R"({"vulnerabilities": {"fail": "critical"}})";
  std::string empty = Trivy("");
  empty.replace(empty.find("\"Results\""), std::string::npos, "\"Results\": []}");
  EXPECT_THAT(Rules(Judge(empty, image)), ElementsAre("FAIL scan.coverage"));
  EXPECT_THAT(Rules(Judge(empty, R"({"root": "warn"})")), ElementsAre("FAIL scan.coverage"));
  ScanClaims claims;
  claims.classes = {ScanClass::kVulnerabilities};
  EXPECT_THAT(Rules(Judge(empty, image, {}, {}, claims)), ElementsAre());
  EXPECT_THAT(Rules(Judge(Trivy(""), image)), ElementsAre());
}

TEST(JudgeScan, AListOfPackagesDoesNotShowThatAnythingWasLookedFor) {
  const std::string packages = R"(, "Packages": [{"Name": "n"}])";
  const std::string image = R"({"vulnerabilities": {"fail": "critical"}})";
  const auto notes = [&](const std::string& vulnerabilities, const ScanClaims& claims) {
    return Judge(Trivy(vulnerabilities, packages), image, {}, {}, claims).evaluation.value().notes;
  };
  EXPECT_THAT(notes("", {}), ElementsAre(HasSubstr("lists packages and no vulnerability")));
  EXPECT_THAT(notes(Vulnerability("CVE-1-1", "LOW"), {}), ElementsAre());
  ScanClaims claims;
  claims.classes = {ScanClass::kVulnerabilities};
  EXPECT_THAT(notes("", claims), ElementsAre());
}

TEST(JudgeScan, ADistributionThatWasPassedOverIsNotScanned) {
  const std::string image = R"({"vulnerabilities": {"fail": "critical"}, "endOfLife": "enforce",
                                "scan": {"classes": ["vuln"]}})";
  const std::vector<std::string> all = {"FAIL endOfLife", "FAIL scan.coverage",
                                        "FAIL scan.classes"};
  // Trivy leaves out what it has no data for; what was found in languages' packages stays.
  std::string trivy = Trivy("");
  trivy.replace(trivy.find("os-pkgs"), 7, "lang-pkgs");
  const Judged judged = Judge(trivy, image);
  EXPECT_EQ(Rules(judged), all);
  EXPECT_THAT(judged.evaluation.value().failed,
              Contains(HasSubstr("(debian 12) were not scanned")));
  std::string unknown = trivy;
  unknown.replace(unknown.find(R"("debian", "Name": "12")"), 22, R"("none")");
  EXPECT_EQ(Rules(Judge(unknown, image)), all) << "packages of a distribution that is not known";
  std::string none = trivy;
  none.replace(none.find(R"("Family": "debian", "Name": "12")"), 32, "");
  EXPECT_THAT(Rules(Judge(none, image)), ElementsAre()) << "no distribution, no packages of one";
  ScanClaims claims;
  claims.classes = {ScanClass::kVulnerabilities};
  EXPECT_THAT(Rules(Judge(trivy, image, {}, {}, claims)), ElementsAre("FAIL endOfLife"));
  // With lists of packages, a list of the distribution's that is empty is none.
  std::string listed = Trivy("", R"(}, {"Target": "app", "Class": "lang-pkgs", "Packages":
                                    [{"Name": "n"}])");
  EXPECT_EQ(Rules(Judge(listed, image)), all);
  const auto grype = [](const std::string& distribution, const std::string& more = "") {
    std::string report = Grype("Low", more);
    report.replace(report.find(R"("debian", "version": "12")"), 25, distribution);
    return report;
  };
  const std::string known = R"("debian", "version": "12")";
  const std::string vuln = R"({"vulnerabilities": {"fail": "critical"}})";
  EXPECT_THAT(Rules(Judge(grype(known), vuln)), ElementsAre());
  EXPECT_THAT(Rules(Judge(grype(R"("arch", "version": "")"), vuln)),
              ElementsAre("FAIL scan.coverage"));
  EXPECT_THAT(Rules(Judge(grype(R"("", "version": "")"), vuln)), ElementsAre("FAIL scan.coverage"));
  const auto alert = [](const std::string& type) {
    return R"(, "alertsByPackage": [{"package": {}, "alerts": [{"type": ")" + type + R"("}]}])";
  };
  EXPECT_THAT(Rules(Judge(grype(known, alert("distro-disabled")), vuln)),
              ElementsAre("FAIL scan.coverage"));
  EXPECT_THAT(Rules(Judge(grype(known, alert("distro-eol")),
                          R"({"vulnerabilities": {"fail": "critical"}, "endOfLife": "warn"})")),
              ElementsAre("warn endOfLife"));
  // CycloneDX leaves them out in the same way.
  const auto cyclonedx = [](const std::string& purl) {
    return R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component":
      {"type": "container", "name": "web:1"}}, "components": [
      {"type": "operating-system", "name": "debian", "version": "12"},
      {"bom-ref": "x", "type": "library", "name": "n", "purl": ")" +
           purl + R"("}], "vulnerabilities": [{"id": "CVE-1-1", "ratings":
      [{"severity": "low"}], "affects": [{"ref": "x"}]}]})";
  };
  const KnownImage given{.name = "web:1", .configs = {*Digest::Parse(Hash('c'))}};
  EXPECT_THAT(Rules(Judge(cyclonedx("pkg:npm/n@1"), vuln, {}, given)),
              ElementsAre("FAIL scan.coverage", "warn scan.binding"));
  EXPECT_THAT(Rules(Judge(cyclonedx("pkg:deb/debian/n@1"), vuln, {}, given)),
              ElementsAre("warn scan.binding"));
  // What is found in the distribution's own data shows that there are some.
  std::string data = grype(R"("new", "version": "1")");
  data.insert(data.find(R"("severity")"), R"("namespace": "new:distro:new:1", )");
  EXPECT_THAT(Rules(Judge(data, vuln)), ElementsAre());
}

TEST(JudgeScan, TheScanMustBeFreshAndWhole) {
  EXPECT_THAT(Rules(Judge(Trivy(""), R"({"scan": {"maxAge": "24h", "classes": ["secret"]}})")),
              ElementsAre("FAIL scan.classes", "FAIL scan.maxAge"));
  EXPECT_THAT(Rules(Judge(Trivy(""), R"({"scan": {"maxAge": "7d", "mode": "warn"}})")),
              ElementsAre());
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"scan": {"maxDatabaseAge": "48h", "mode": "warn"}})")),
              ElementsAre("warn scan.maxDatabaseAge"));
  EXPECT_THAT(Rules(Judge(Trivy(""), R"({"scan": {"maxDatabaseAge": "48h"}})")),
              ElementsAre("FAIL scan.maxDatabaseAge"))
      << "Trivy does not say when its database was built";
  std::string future = Trivy("");
  future.replace(future.find("2026-11-20"), 10, "2027-11-20");
  EXPECT_THAT(Rules(Judge(future, R"({"scan": {"maxAge": "24h"}})")),
              ElementsAre("FAIL scan.maxAge"));
}

}  // namespace
}  // namespace runward
