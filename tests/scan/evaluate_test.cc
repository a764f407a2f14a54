#include "scan/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using ::testing::IsEmpty;

constexpr char kFixed[] = R"(, "FixedVersion": "1.2")";

TEST(Evaluate, SeveritiesFailOrWarn) {
  const std::string image = R"({"vulnerabilities": {"fail": "high", "warn": "medium"}})";
  EXPECT_THAT(Rules(Judge(Trivy(Vulnerability("CVE-1-1", "HIGH", kFixed)), image)),
              ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(Rules(Judge(Trivy(Vulnerability("CVE-1-1", "MEDIUM", kFixed)), image)),
              ElementsAre("warn vulnerabilities.warn"));
  const Judged low = Judge(Trivy(Vulnerability("CVE-1-1", "LOW")), image);
  EXPECT_THAT(Rules(low), IsEmpty());
  EXPECT_EQ(low.evaluation.value().result, EvaluationResult::kPassed);
  const Judged failed = Judge(Trivy(Vulnerability("CVE-1-1", "CRITICAL", kFixed)), image);
  EXPECT_EQ(failed.evaluation.value().result, EvaluationResult::kFailed);
  EXPECT_THAT(failed.evaluation.value().failed,
              ElementsAre("vulnerabilities.fail: CVE-1-1 (openssl)"));
  EXPECT_EQ(failed.evaluation.value().breaches[0].remedy, "upgrade openssl to 1.2");
}

TEST(Evaluate, AnUnknownSeverityCountsByItsScoreOrAsThePolicySays) {
  const auto rules = [](const std::string& report, const std::string& more = "") {
    return Rules(
        Judge(report, R"({"vulnerabilities": {"fail": "high", "warn": "medium")" + more + "}}"));
  };
  const auto scored = [](const std::string& severity, const std::string& score) {
    std::string report = Trivy(
        Vulnerability("CVE-1-1", "UNKNOWN",
                      score.empty() ? "" : R"(, "CVSS": {"nvd": {"V3Score": )" + score + "}}"));
    return report.replace(report.find("\"UNKNOWN\""), 9, severity);
  };
  for (const char* severity : {"\"UNKNOWN\"", "null", "\"\""}) {
    EXPECT_THAT(rules(scored(severity, "")), ElementsAre("FAIL vulnerabilities.fail")) << severity;
    EXPECT_THAT(rules(scored(severity, "7.0")), ElementsAre("FAIL vulnerabilities.fail"));
    EXPECT_THAT(rules(scored(severity, "6.9")), ElementsAre("warn vulnerabilities.warn"));
    EXPECT_THAT(rules(scored(severity, "3.9")), ElementsAre());
  }
  std::string missing = scored("null", "");
  missing.replace(missing.find("\"Severity\""), 10, "\"Other\"");
  EXPECT_THAT(rules(missing), ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(rules(missing, R"(, "unknownAs": "medium")"),
              ElementsAre("warn vulnerabilities.warn"));
  const Judged judged = Judge(missing, R"({"vulnerabilities": {"fail": "high"}})");
  EXPECT_THAT(judged.evaluation.value().breaches[0].what,
              HasSubstr("CVE-1-1 (unknown, counts as critical)"));
  EXPECT_THAT(judged.evaluation.value().notes, ElementsAre(HasSubstr("counts as critical")));
  EXPECT_THAT(rules(Grype("Unknown")), ElementsAre("FAIL vulnerabilities.fail"));
}

TEST(Evaluate, ModesUnfixedAndGraceMakeItMilder) {
  const std::string report =
      Trivy(Vulnerability("CVE-1-1", "HIGH", R"(, "PublishedDate": "2026-11-20T00:00:00Z")"));
  const auto with = [&](const std::string& more) {
    return Rules(Judge(report, R"({"vulnerabilities": {"fail": "high")" + more + "}}"));
  };
  EXPECT_THAT(with(""), ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(with(R"(, "mode": "warn")"), ElementsAre("warn vulnerabilities.fail"));
  EXPECT_THAT(with(R"(, "mode": "off")"), ElementsAre());
  EXPECT_THAT(with(R"(, "unfixed": "warn")"), ElementsAre("warn vulnerabilities.unfixed"));
  EXPECT_THAT(with(R"(, "unfixed": "off")"), ElementsAre());
  EXPECT_THAT(with(R"(, "grace": "7d")"), ElementsAre("warn vulnerabilities.grace"));
  EXPECT_THAT(with(R"(, "grace": "1d")"), ElementsAre("FAIL vulnerabilities.fail"));
  ScanClaims exploited;
  exploited.exploited = {"CVE-1-1"};
  EXPECT_THAT(Rules(Judge(report,
                          R"({"vulnerabilities": {"fail": "high", "grace": "7d"},
                              "knownExploited": "enforce"})",
                          {}, {}, exploited)),
              ElementsAre("FAIL vulnerabilities.fail", "FAIL knownExploited"));
}

TEST(Evaluate, WhatIsNotToldMakesNothingMilder) {
  const auto published = [](const std::string& day) {
    return Trivy(
        Vulnerability("CVE-1-1", "HIGH", R"(, "PublishedDate": ")" + day + "T00:00:00Z\""));
  };
  const std::string grace = R"({"vulnerabilities": {"fail": "high", "grace": "14d"}})";
  EXPECT_THAT(Rules(Judge(published("2026-11-20"), grace)),
              ElementsAre("warn vulnerabilities.grace"));
  EXPECT_THAT(Rules(Judge(published("2199-01-01"), grace)),
              ElementsAre("FAIL vulnerabilities.fail"));
  // Trivy's CycloneDX recommends versions, Grype's does not.
  const auto cyclonedx = [](const std::string& more) {
    return R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component":
      {"type": "container", "name": "web:1", "version": ")" +
           Hash('c') + R"("}}, "components": [{"bom-ref": "x", "type": "library", "name": "n"}],
      "vulnerabilities": [{"id": "CVE-1-1", "ratings": [{"severity": "high"}],
      "affects": [{"ref": "x"}]})" +
           more + "]}";
  };
  const std::string unfixed = R"({"vulnerabilities": {"fail": "high", "unfixed": "warn"}})";
  const KnownImage known{.manifests = {*Digest::Parse(Hash('c'))},
                         .configs = {*Digest::Parse(Hash('c'))}};
  EXPECT_THAT(Rules(Judge(cyclonedx(""), unfixed, {}, known)),
              ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(Rules(Judge(cyclonedx(R"(, {"id": "CVE-1-2", "ratings": [{"severity": "low"}],
                "recommendation": "Upgrade n to version 2", "affects": [{"ref": "x"}]})"),
                          unfixed, {}, known)),
              ElementsAre("warn vulnerabilities.unfixed"));
  // A fix that is not named is one.
  std::string grype = Grype("High");
  grype.replace(grype.find(R"(["2"])"), 5, "[]");
  const Judged fixed = Judge(grype, unfixed);
  EXPECT_THAT(Rules(fixed), ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(fixed.evaluation.value().breaches[0].remedy, HasSubstr("which is not named"));
  grype.replace(grype.find(R"("fixed")"), 7, R"("not-fixed")");
  EXPECT_THAT(Rules(Judge(grype, unfixed)), ElementsAre("warn vulnerabilities.unfixed"));
  // An unknown severity counts as the policy says, of whatever it is.
  const std::string report = Trivy("", R"(, "Secrets": [{"RuleID": "x", "Severity": "UNKNOWN"}],
    "Misconfigurations": [{"ID": "DS-0002", "Severity": "", "Status": "FAIL"}])");
  EXPECT_THAT(
      Rules(Judge(report, R"({"secrets": {"fail": "low"}, "misconfigurations": {"warn": "low"}})")),
      ElementsAre("FAIL secrets.fail", "warn misconfigurations.warn"));
}

TEST(Evaluate, ExploitationAndDeniedOnesCountWhateverTheSeverity) {
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"epss": {"fail": 0.5}})")),
              ElementsAre("FAIL epss.fail"));
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"epss": {"fail": 0.9, "warn": 0.5}})")),
              ElementsAre("warn epss.warn"));
  // By the alias that the policy names.
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"cves": {"deny": ["CVE-2021-1"]}})")),
              ElementsAre("FAIL cves.deny"));
  EXPECT_THAT(Rules(Judge(Trivy(Vulnerability("CVE-1-1", "LOW")), R"({"epss": {"fail": 0.5}})")),
              ElementsAre("FAIL epss.unknown"))
      << "without probabilities the rule cannot be met";
  EXPECT_THAT(Rules(Judge(Trivy(Vulnerability("CVE-1-1", "LOW")), R"({"knownExploited": "warn"})")),
              ElementsAre("warn knownExploited"));
}

TEST(Evaluate, AFindingWithoutAProbabilityIsNotCoveredByOthers) {
  std::string report = Grype("Low");
  const std::string other = R"({"vulnerability": {"id": "GHSA-2", "severity": "Low"},
    "artifact": {"name": "b", "version": "1", "type": "npm"}}, )";
  report.insert(report.find("[{") + 1, other);
  report.replace(report.find("0.6"), 3, "0.2");
  const Judged fails = Judge(report, R"({"epss": {"fail": 0.5}})");
  EXPECT_THAT(Rules(fails), ElementsAre("FAIL epss.unknown"));
  EXPECT_THAT(fails.evaluation.value().failed, ElementsAre("epss.unknown: GHSA-2 (b)"));
  EXPECT_THAT(Rules(Judge(report, R"({"epss": {"warn": 0.5}})")), ElementsAre("warn epss.unknown"));
  EXPECT_THAT(Rules(Judge(report, R"({"epss": {"fail": 0.5}, "exceptions": [{"id": "GHSA-2",
                "reason": "r", "expires": "2026-12-31"}]})")),
              ElementsAre());
  EXPECT_THAT(Rules(Judge(report, R"({"root": "off", "cves": {"deny": ["x"]}})")), ElementsAre());
}

TEST(Evaluate, TheImageItselfIsJudged) {
  const std::string report = Trivy("", R"(, "Packages": [{"Name": "openssh-server",
    "Version": "1", "Identifier": {"PURL": "pkg:deb/debian/openssh-server@1"}}])");
  EXPECT_THAT(Rules(Judge(report, R"({"root": "enforce"})")), ElementsAre());
  std::string root = report;
  root.replace(root.find("\"app\""), 5, "\"0:0\"");
  EXPECT_THAT(Rules(Judge(root, R"({"root": "enforce"})")), ElementsAre("FAIL root"));
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"root": "warn"})")), ElementsAre("warn root"));
  EXPECT_THAT(Rules(Judge(report, R"({"labels": {"required": ["team", "source"]}})")),
              ElementsAre("FAIL labels.required"));
  EXPECT_THAT(Rules(Judge(report, R"({"packages": {"deny": ["pkg:deb/*/openssh-server"]}})")),
              ElementsAre("FAIL packages.deny"));
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"packages": {"deny": ["x"], "mode": "warn"}})")),
              ElementsAre("warn packages.deny"));
  EXPECT_THAT(Rules(Judge(report, R"({"bases": {"allow": [")" + Hash('d') + R"("]}})")),
              ElementsAre());
  EXPECT_THAT(Rules(Judge(report, R"({"bases": {"allow": [")" + Hash('e') + R"("]}})")),
              ElementsAre("FAIL bases.allow"));
  std::string old = report;
  old.replace(old.find("\"Name\": \"12\""), 12, R"("Name": "8", "EOSL": true)");
  EXPECT_THAT(Rules(Judge(old, R"({"endOfLife": "enforce"})")), ElementsAre("FAIL endOfLife"));
  EXPECT_THAT(Rules(Judge(report, R"({"endOfLife": "enforce"})")), ElementsAre());
}

TEST(Evaluate, WhatTheImageHidesIsFound) {
  for (const char* user : {"+0", "-0", "+0:5", "00", "0"}) {
    std::string report = Trivy("");
    report.replace(report.find("\"app\""), 5, "\"" + std::string(user) + "\"");
    EXPECT_THAT(Rules(Judge(report, R"({"root": "enforce"})")), ElementsAre("FAIL root")) << user;
  }
  const auto with = [](const std::string& identifier, const std::string& denied) {
    const std::string report =
        Trivy("", R"(, "Packages": [{"Name": "p", "Version": "1")" + identifier + "}]");
    return Rules(Judge(report, R"({"packages": {"deny": [")" + denied + "\"]}}"));
  };
  EXPECT_THAT(with("", "pkg:deb/*/p"), ElementsAre("FAIL packages.deny")) << "it has no URL";
  EXPECT_THAT(with(R"(, "Identifier": {"PURL": "npm/p@1"})", "pkg:deb/*/p"),
              ElementsAre("FAIL packages.deny"));
  EXPECT_THAT(with("", "other"), ElementsAre());
  EXPECT_THAT(with(R"(, "Identifier": {"PURL": "pkg:npm/%40evil/x@9"})", "pkg:npm/@evil/x"),
              ElementsAre("FAIL packages.deny"));
  for (const char* spelling : {"pkg://npm/%40evil/x@9", "PKG:NPM/%40evil/x@9",
                               "pkg:/npm//%40evil///x@9", "pkg:npm/%40evil/x/"}) {
    EXPECT_THAT(
        with(R"(, "Identifier": {"PURL": ")" + std::string(spelling) + "\"}", "pkg:npm/@evil/x"),
        ElementsAre("FAIL packages.deny"))
        << spelling;
    EXPECT_THAT(with(R"(, "Identifier": {"PURL": "pkg:npm/%40evil/x@9"})", "PKG://NPM/@evil/x"),
                ElementsAre("FAIL packages.deny"))
        << "of the policy's pattern, too";
  }
  EXPECT_THAT(with(R"(, "Identifier": {"PURL": "pkg:pypi/Evil_One@9"})", "pkg:pypi/evil-one"),
              ElementsAre("FAIL packages.deny"));
  EXPECT_THAT(with(R"(, "Identifier": {"PURL": "pkg:npm/evil_one@9"})", "pkg:npm/evil-one"),
              ElementsAre());
  // Nobody looked at the distribution's packages, and so not at its age.
  std::string secrets = Trivy("");
  secrets.replace(secrets.find("os-pkgs"), 7, "secret");
  EXPECT_THAT(Rules(Judge(secrets, R"({"endOfLife": "enforce"})")), Contains("FAIL endOfLife"));
}

TEST(Evaluate, SecretsConfigurationAndLicencesAreJudged) {
  const std::string report = Trivy("", R"(, "Secrets": [{"RuleID": "aws-key", "Severity": "HIGH"}],
    "Misconfigurations": [{"ID": "DS-0002", "Severity": "HIGH", "Status": "FAIL"},
                          {"ID": "DS-0001", "Severity": "HIGH", "Status": "PASS"}],
    "Licenses": [{"Name": "AGPL-3.0-only", "Category": "forbidden", "Severity": "CRITICAL"}])");
  EXPECT_THAT(
      Rules(Judge(report, R"({"secrets": {"fail": "medium"},
                                      "misconfigurations": {"warn": "high"},
                                      "licenses": {"deny": ["agpl-*"]}})")),
      ElementsAre("FAIL secrets.fail", "warn misconfigurations.warn", "FAIL licenses.deny"));
  EXPECT_THAT(Rules(Judge(report, R"({"licenses": {"categories": ["forbidden"]}})")),
              ElementsAre("FAIL licenses.categories"));
  EXPECT_THAT(Rules(Judge(report, R"({"licenses": {"allow": ["MIT"], "mode": "warn"}})")),
              ElementsAre("warn licenses.allow"));
  EXPECT_THAT(Rules(Judge(Grype("Low"), R"({"secrets": {"fail": "high"}})")),
              ElementsAre("FAIL secrets.unscanned"))
      << "Grype looks for no secrets";
  // A choice of licences is no breach while one of them is good (scan/license.h).
  std::string choice = report;
  choice.replace(choice.find("AGPL-3.0-only"), 13, "MIT OR AGPL-3.0-only");
  EXPECT_THAT(Rules(Judge(choice, R"({"licenses": {"deny": ["agpl-*"]}})")), ElementsAre());
  EXPECT_THAT(Rules(Judge(choice, R"({"licenses": {"allow": ["ISC"]}})")),
              ElementsAre("FAIL licenses.allow"));
}

TEST(Evaluate, AReportIsOfTheImageOrRefused) {
  const std::string image = R"({"vulnerabilities": {"fail": "high"}})";
  const auto error = [&](const std::string& report, const KnownImage& known) {
    const Judged judged = Judge(report, image, {}, known);
    return judged.evaluation.ok() ? "" : judged.evaluation.error().message;
  };
  const auto digest = [](char fill) { return *Digest::Parse(Hash(fill)); };
  EXPECT_EQ(error(Trivy(""), {}), "");
  EXPECT_EQ(error(Trivy(""), {.configs = {digest('c')}}), "");
  EXPECT_EQ(error(Trivy(""), {.diff_ids = {digest('d')}}), "");
  EXPECT_THAT(error(Trivy(""), {.configs = {digest('a')}}), HasSubstr("another image"));
  EXPECT_THAT(error(Trivy(""), {.diff_ids = {digest('d'), digest('e')}}),
              HasSubstr("its layers are others"));
  EXPECT_THAT(error(Trivy(""), {.manifests = {digest('a')}}), HasSubstr("no digest of the two"));
  EXPECT_EQ(error(Trivy(""), {.chains = {digest('d')}}), "") << "of one layer it is that layer";
  EXPECT_THAT(error(Trivy(""), {.configs = {digest('c')}, .chains = {digest('e')}}),
              HasSubstr("its layers are others"));
  // This report names no layers: those that were given speak for them.
  KnownImage given = {.configs = {digest('c')}, .chains = {digest('e')}, .diff_ids = {digest('d')}};
  EXPECT_THAT(error(Grype("High"), given), HasSubstr("its layers are others"));
  given.chains = given.diff_ids;
  EXPECT_EQ(error(Grype("High"), given), "");
  const std::string unbound = R"({"SchemaVersion": 2, "ArtifactName": "web:1",
    "ArtifactType": "container_image", "Results": [{"Target": "t", "Class": "os-pkgs"}]})";
  EXPECT_THAT(error(unbound, {}), HasSubstr("does not say which image"));
  EXPECT_THAT(error(unbound, {.name = "other:1", .configs = {digest('c')}}),
              HasSubstr("does not say which image"));
  EXPECT_THAT(Rules(Judge(unbound, image, {}, {.name = "web:1", .configs = {digest('c')}})),
              ElementsAre("warn scan.binding"));
  EXPECT_THAT(error(R"({"version": "2.1.0", "runs": []})", {}), HasSubstr("is SARIF"));
  // A base's layer may be in any image.
  const std::string legacy =
      R"([{"Target": "web:1", "Type": "debian", "Vulnerabilities": [)" +
      Vulnerability("CVE-1-1", "LOW", R"(, "Layer": {"DiffID": ")" + Hash('d') + "\"}") + "]}]";
  EXPECT_THAT(
      Rules(Judge(
          legacy, image, {},
          {.name = "web:1", .configs = {digest('7')}, .diff_ids = {digest('d'), digest('2')}})),
      ElementsAre("warn scan.binding"));
  EXPECT_THAT(error(legacy, {.name = "web:1", .configs = {digest('7')}, .diff_ids = {digest('2')}}),
              HasSubstr("does not say which image"));
}

}  // namespace
}  // namespace runward
