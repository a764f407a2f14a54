#include "scan/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/scan/samples.h"

namespace runward {
namespace {

using fixtures::Grype;
using fixtures::Hash;
using fixtures::Trivy;
using fixtures::Vulnerability;
using ::testing::HasSubstr;

// A vulnerability in each of so many layers.
std::string OfLayers(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    std::string digest = std::to_string(i);
    digest.insert(0, 64 - digest.size(), '0');
    all += (i == 0 ? "" : ",") +
           Vulnerability("CVE-1-1", "LOW", R"(, "Layer": {"DiffID": "sha256:)" + digest + "\"}");
  }
  return all;
}

TEST(ScanReport, IsRecognisedByItsContent) {
  const Report trivy = ReadReport(Trivy(Vulnerability("CVE-1-1", "HIGH")), "r").value();
  EXPECT_EQ(trivy.format, ReportFormat::kTrivy);
  ASSERT_EQ(trivy.findings.size(), 1U);
  EXPECT_EQ(trivy.findings[0].severity, Severity::kHigh);
  EXPECT_EQ(trivy.findings[0].purl, "pkg:deb/debian/openssl@1.1?arch=amd64");
  EXPECT_EQ(trivy.user, "app");
  EXPECT_EQ(trivy.os, "debian 12");
  const Report grype = ReadReport(Grype("Critical"), "r").value();
  EXPECT_EQ(grype.format, ReportFormat::kGrype);
  ASSERT_EQ(grype.findings.size(), 1U);
  EXPECT_EQ(grype.findings[0].aliases, std::vector<std::string>{"CVE-2021-1"});
  EXPECT_EQ(grype.findings[0].epss, 0.6);
  EXPECT_EQ(FormatTime(*grype.database), "2026-11-19T00:00:00.000Z");
  const Report legacy =
      ReadReport(R"([{"Target": "a, debian 10", "Type": "debian", "Vulnerabilities": null
}])",
                 "r")
          .value();
  EXPECT_EQ(legacy.format, ReportFormat::kTrivyLegacy);
  const Report cyclonedx = ReadReport(R"({"bomFormat": "CycloneDX", "specVersion": "1.6",
    "metadata": {"component": {"type": "container", "properties": [
      {"name": "aquasecurity:trivy:ImageID", "value": ")" +
                                          Hash('c') + R"("}]}},
    "components": [{"bom-ref": "x", "type": "library", "name": "n", "version": "1"}],
    "vulnerabilities": [{"id": "CVE-1-1", "ratings": [{"severity": "low"}, {"severity": "high"}],
      "recommendation": "Upgrade n to version 2", "affects": [{"ref": "x"}]}]})",
                                      "r")
                               .value();
  ASSERT_EQ(cyclonedx.findings.size(), 1U);
  EXPECT_EQ(cyclonedx.findings[0].severity, Severity::kHigh);
  EXPECT_EQ(cyclonedx.findings[0].fixed, "2");
  EXPECT_TRUE(cyclonedx.identity.config);
  const Report sarif = ReadReport(R"({"version": "2.1.0", "runs": [{"tool": {"driver":
    {"name": "t", "rules": [{"id": "a", "properties": {"security-severity": "9.8"}}]}},
    "results": [{"ruleId": "a", "message": {"text": "m"}}]}]})",
                                  "r")
                           .value();
  EXPECT_EQ(sarif.findings.at(0).severity, Severity::kCritical);
}

TEST(ScanReport, ARatingWithoutSeverityHasThatOfItsScore) {
  const auto read = [](const std::string& ratings) {
    return ReadReport(R"({"bomFormat": "CycloneDX", "specVersion": "1.6",
      "vulnerabilities": [{"id": "CVE-1-1", "ratings": [)" +
                          ratings + "]}]}",
                      "r");
  };
  const auto severity = [&](const std::string& ratings) {
    return read(ratings).value().findings.at(0).severity;
  };
  EXPECT_EQ(severity(R"({"score": 9.8, "method": "CVSSv31"}, {"severity": "low"})"),
            Severity::kCritical);
  EXPECT_EQ(severity(R"({"score": 7, "method": "CVSSv2", "severity": "unknown"})"),
            Severity::kHigh);
  EXPECT_EQ(severity(R"({"score": 4.0})"), Severity::kMedium) << "no method";
  EXPECT_EQ(severity(R"({"score": 0.1, "method": "CVSSv4"})"), Severity::kLow);
  EXPECT_EQ(severity(R"({"score": 0, "method": "CVSSv3"})"), Severity::kNegligible);
  EXPECT_EQ(severity(R"({"score": 9.8, "method": "CVSSv31", "severity": "low"})"), Severity::kLow)
      << "its source's own word";
  EXPECT_EQ(severity(R"({"score": 90, "method": "other"})"), Severity::kUnknown);
  EXPECT_FALSE(read(R"({"score": 90})").ok());
}

TEST(ScanReport, WhatGrypesDatabaseListsIsKnown) {
  const auto read = [](const std::string& distro, const std::string& providers) {
    std::string text = Grype("Low");
    text.replace(text.find("debian"), 6, distro);
    text.replace(text.find(R"("epss": [{"epss": 0.6}])"), 23, R"("epss": [])");
    const size_t built = text.find(R"("status")");
    text.insert(built, R"("providers": {)" + providers + "}, ");
    return ReadReport(text, "r").value();
  };
  EXPECT_FALSE(read("debian", "").has_exploited);
  EXPECT_TRUE(read("debian", R"("kev": {"captured": "x"})").has_exploited);
  for (const char* arch : {"arch", "archlinux"}) {
    EXPECT_NE(read(arch, R"("debian": {})").passed_over, "") << arch;
    EXPECT_EQ(read(arch, R"("arch": {})").passed_over, "") << arch;
  }
  EXPECT_NE(read("gentoo", R"("arch": {}, "gentoo": {})").passed_over, "");
}

TEST(ScanReport, AByteOrderMarkIsNamed) {
  const std::string report = Trivy("");
  for (const auto& [mark, name] :
       {std::pair("\xef\xbb\xbf", "UTF-8"), std::pair("\xff\xfe", "UTF-16"),
        std::pair("\xfe\xff", "UTF-16")}) {
    const Result<Report> read = ReadReport(mark + report, "r.json");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().message,
              "\"r.json\": it begins with a byte order mark (" + std::string(name) + ")");
    EXPECT_THAT(read.error().hint, HasSubstr("utf8NoBOM"));
    const auto ignored = ReadExceptions(mark + std::string("CVE-1-1\n"), "i");
    ASSERT_FALSE(ignored.ok());
    EXPECT_THAT(ignored.error().message, HasSubstr("\"i\": it begins with a byte order mark"));
    EXPECT_THAT(ignored.error().hint, HasSubstr("utf8NoBOM"));
  }
}

TEST(ScanReport, WhatIsNotUnderstoodIsAnErrorWithItsPlace) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "line 1, column 1"},
      {"null", "must be an object"},
      {"{}", "no report that runward knows"},
      {"[null]", "must be an object"},
      {R"({"SchemaVersion": 3})", "\"SchemaVersion\" must be 2"},
      {R"({"SchemaVersion": "2"})", "\"SchemaVersion\" must be 2"},
      {R"({"SchemaVersion": 2, "Results": {}})", "\"Results\" must be a list"},
      {R"({"SchemaVersion": 2, "results": []})", "would be read as"},
      {R"({"SchemaVersion": 2, "SchemaVersion": 2})", "for the second time"},
      {R"({"SchemaVersion": 2, "CreatedAt": "2026-11-20T10:00:00"})", "with its zone"},
      {R"({"SchemaVersion": 2, "CreatedAt": 5})", "with its zone"},
      {R"({"matches": null, "source": {"type": "directory", "target": "x"}, "descriptor": {"name": "grype"}})",
       "\"matches\" must be a list"},
      {Trivy("", R"(, "ExperimentalModifiedFindings": [{"Type": "vuln", "Finding": {}}])"),
       "must have the \"Type\" of a finding"},
      {Trivy("", R"(, "ExperimentalModifiedFindings": [{"Type": "secret"}])"),
       "must have a \"Finding\""},
      {Trivy(OfLayers(513)), "more layers than an image has"},
      {R"({"SchemaVersion": 2, "Metadata": {"ImageID": "x"}})", "64 hex digits"},
      {Trivy(Vulnerability("CVE-1-1", "SEVERE")), "must be a severity, not \"SEVERE\""},
      {Trivy(Vulnerability("CVE-1-1", "LOW", R"(, "CVSS": {"n": {"V3Score": 1e400}})")),
       "a number from 0 to 10"},
      {Trivy(Vulnerability("CVE-1-1", "LOW", R"(, "CVSS": {"n": {"V3Score": NaN}})")),
       "expected a value"},
      {Trivy(Vulnerability("CVE-1-1", "LOW", R"(, "PublishedDate": "2026-11-20")")),
       "with its zone"},
      {Trivy("null"), "must be an object"},
      {Trivy("{}"), "has no \"VulnerabilityID\""},
      {Trivy("", R"(, "Class2": 1}, {"Class": "os-packages")"), "class of results"},
      {Trivy("", R"(, "MisconfSummary": {"Successes": 3, "Failures": 2}, "Misconfigurations":
              [{"ID": "a", "Severity": "LOW", "Status": "FAIL"}])"),
       "\"Failures\" counts more failed checks than the 1 that are listed, not \"2\""},
      {Trivy("", R"(, "MisconfSummary": {"Failures": 1})"), "than the 0 that are listed"},
      {Trivy("", R"(, "MisconfSummary": {"Failures": "1"})"), "must be a count"},
      {Trivy("", R"(, "MisconfSummary": {"Failures": -1})"), "must be a count"},
      {Trivy("", R"(, "MisconfSummary": [])"), "must be an object"},
      {Grype("Bad"), "must be a severity"},
      {R"({"matches": []})", "no \"descriptor\""},
      {R"({"matches": {}, "descriptor": {"name": "grype"}, "source": {"type": "image"}})",
       "\"matches\" must be a list"},
      {R"({"bomFormat": "CycloneDX", "specVersion": "9"})", "1.4 to 1.7"},
      {R"({"bomFormat": "Other"})", "\"bomFormat\" must be CycloneDX"},
      {R"({"SchemaVersion": 2, "matches": []})", "a report of two formats at once"},
      {R"({"spdxVersion": "SPDX-2.3"})", "SPDX"},
      {R"({"statements": []})", "VEX"},
  };
  for (const auto& [text, message] : cases) {
    const Result<Report> report = ReadReport(text, "r.json");
    ASSERT_FALSE(report.ok()) << text;
    EXPECT_THAT(report.error().message, HasSubstr(message)) << text;
    EXPECT_THAT(report.error().message, HasSubstr("\"r.json\": ")) << text;
  }
}

TEST(ScanReport, NoBeginningOfAReportIsAReport) {
  for (const std::string& text : {Trivy(Vulnerability("CVE-1-1", "LOW")), Grype("Low")}) {
    for (size_t size = 0; size < text.size(); ++size) {
      EXPECT_FALSE(ReadReport(text.substr(0, size), "r").ok()) << size;
    }
  }
}

TEST(ScanReport, AConfigurationThatIsNotTheImagesIsSeen) {
  const std::string config = R"({"rootfs": {"diff_ids": [")" + Hash('d') + R"("]}})";
  const auto with = [&](const std::string& id) {
    return ReadReport(
               R"({"matches": [], "descriptor": {"name": "grype"}, "source": {"type": "image",
      "target": {"imageID": ")" +
                   id + R"(", "config": ")" + Base64Encode(config) + R"("}}})",
               "r")
        .value();
  };
  EXPECT_NE(with(Hash('c')).identity.problem, "");
  const Report good = with("sha256:" + Sha256Hex(config));
  EXPECT_EQ(good.identity.problem, "");
  EXPECT_EQ(good.identity.diff_ids.size(), 1U);
  EXPECT_TRUE(good.facts_known);
}

TEST(ScanReport, TooLargeIsSaid) {
  const Result<Report> report = ReadReport(std::string(kMaxReportBytes + 1, ' '), "r");
  EXPECT_THAT(report.error().message, HasSubstr("larger than the 128 MiB"));
}

// The real reports, with what their INDEX counts: V vulnerabilities, S secrets, M
// misconfigurations, L licences, X suppressed findings.
struct Indexed {
  const char* file;
  size_t v = 0, s = 0, m = 0, l = 0, x = 0;
};
constexpr Indexed kIndexed[] = {
    {"trivy/alpine-310.json", 4},
    {"trivy/alpine-39-ignore-cveids.json", 2},
    {"trivy/alpine-distroless.json", 1},
    {"trivy/debian-buster.json", 2},
    {"trivy/debian-buster-ignore-unfixed.json", 1},
    {"trivy/ubuntu-1804.json", 5},
    {"trivy/amazon-2.json", 2},
    {"trivy/mariner-1.0.json", 2},
    {"trivy/opensuse-leap-151.json", 2},
    {"trivy/distroless-base.json", 4},
    {"trivy/fluentd-gems.json", 2},
    {"trivy/busybox-with-lockfile.json", 2},
    {"trivy/sl-micro-rancher5.4.json", 0},
    {"trivy/dockerfile.json", 0, 0, 1},
    {"trivy/gomod-vex.json", 4},
    {"trivy/fluentd-multiple-lockfiles.json", 3},
    {"trivy/npm-with-suppressed.json", 1, 0, 0, 0, 1},
    {"trivy/dojo-license_scheme.json", 0, 0, 0, 19},
    {"trivy/dojo-misconfigurations_and_secrets.json", 2, 2, 1},
    {"trivy/dojo-scheme_2_no_vuln.json", 0},
    {"trivy/scb-juice-shop-v12.10.2.json", 182, 3},
    {"trivy/scb-juice-shop-v12.10.2-empty-results.json", 0},
    {"trivy/scb-juice-shop-v12.10.2-no-results.json", 0},
    {"trivy/jenkins-trivy_misconfigurations.json", 0, 0, 4},
    {"grype/chainguard-ruby-test.json", 3},
    {"grype/ghsa-test.json", 2},
    {"grype/TestEmptyJsonPresenter.json", 0},
    {"grype/TestJsonDirsPresenter.json", 2},
    {"grype/TestJsonImgsPresenter.json", 2},
    {"grype/dojo-issue_9618.json", 35},
    {"grype/dojo-many_vulns2.json", 1567},
    {"grype/dojo-many_vulns_with_epss_values.json", 15},
    {"grype/dojo-no_vuln.json", 0},
    {"grype/dojo-same_cve_different_paths.json", 2},
    {"grype/dojo-many_vulns4.json", 9},
    {"grype/ampel-gomod-0.111.json", 2},
};

TEST(ScanReport, RealReportsAreReadWithTheirCounts) {
  const std::string folder = RUNWARD_SOURCE_DIR "/../shared/data/reports/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real reports beside the checkout";
  for (const Indexed& want : kIndexed) {
    std::ifstream file(folder + want.file, std::ios::binary);
    const Result<Report> report = ReadReport({std::istreambuf_iterator<char>(file), {}}, want.file);
    ASSERT_TRUE(report.ok()) << report.error().message;
    size_t counts[4] = {};
    size_t suppressed = 0;
    for (const ScanFinding& finding : report.value().findings) {
      ++(finding.suppressed ? suppressed : counts[static_cast<size_t>(finding.kind)]);
    }
    EXPECT_EQ(counts[0], want.v) << want.file;
    EXPECT_EQ(counts[1], want.s) << want.file;
    EXPECT_EQ(counts[2], want.m) << want.file;
    EXPECT_EQ(counts[3], want.l) << want.file;
    EXPECT_EQ(suppressed, want.x) << want.file;
  }
}

}  // namespace
}  // namespace runward
