#include "scan/exception.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/scan/samples.h"

namespace runward {
namespace {

using fixtures::Hash;
using ::testing::HasSubstr;

ScanFinding Found() {
  ScanFinding finding;
  finding.id = "CVE-1-1";
  finding.package = "openssl";
  finding.version = "1.1";
  finding.type = "deb";
  finding.purl = "pkg:deb/debian/openssl@1.1?arch=amd64";
  finding.place = "usr/lib/libssl.so";
  return finding;
}

std::vector<Exception> Read(const std::string& text) {
  auto read = ReadExceptions(text, "file");
  EXPECT_TRUE(read.ok()) << read.error().message;
  return read.ok() ? std::move(read).value() : std::vector<Exception>();
}

bool Speaks(const std::string& text) {
  const ImageView image{.digests = {*Digest::Parse(Hash('c'))}, .name = "r.example.com/web:1"};
  const auto exceptions = Read(text);
  return std::ranges::any_of(exceptions,
                             [&](const Exception& one) { return SpeaksOf(one, Found(), image); });
}

std::string OpenVex(const std::string& product, const std::string& status =
                                                    R"("not_affected", "justification":
                                                    "component_not_present")") {
  return R"({"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01T00:00:00Z",
    "statements": [{"vulnerability": {"name": "CVE-1-1"}, "status": )" +
         status + R"(, "products": [)" + product + "]}]}";
}

TEST(ScanException, OpenVexSpeaksOfItsProductsAlone) {
  const std::string digest = "sha256%3A" + std::string(64, 'c');
  EXPECT_TRUE(Speaks(OpenVex(R"({"@id": "pkg:oci/web@)" + digest + "\"}")));
  EXPECT_TRUE(Speaks(OpenVex(R"({"@id": "pkg:oci/web?repository_url=r.example.com/web"})")));
  EXPECT_TRUE(Speaks(OpenVex(R"({"@id": "pkg:deb/debian/openssl@1.1"})")));
  EXPECT_TRUE(Speaks(OpenVex(R"({"@id": "pkg:oci/web@)" + digest +
                             R"(", "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]})")));
  EXPECT_FALSE(Speaks(OpenVex(R"({"@id": "pkg:oci/web@sha256%3A)" + std::string(64, 'e') + "\"}")));
  EXPECT_FALSE(Speaks(OpenVex(R"({"@id": "pkg:deb/debian/openssl@1.2"})")));
  EXPECT_FALSE(Speaks(OpenVex(R"({"@id": "pkg:oci/other"})")));
  EXPECT_FALSE(Speaks(OpenVex(R"({"@id": "github.com/a/b"})")));
  EXPECT_FALSE(Speaks(OpenVex("")));
}

TEST(ScanException, OpenVexSpeaksOfTheBuildThatItHashes) {
  const auto hashed = [](const std::string& id, char fill) {
    return R"({"@id": ")" + id + R"(", "hashes": {"sha-256": ")" + std::string(64, fill) + "\"}}";
  };
  EXPECT_TRUE(Speaks(OpenVex(hashed("pkg:oci/web", 'c'))));
  EXPECT_FALSE(Speaks(OpenVex(hashed("pkg:oci/web", 'a'))));
  EXPECT_FALSE(Speaks(OpenVex(hashed("pkg:deb/debian/openssl@1.1", 'a'))));
  EXPECT_TRUE(Speaks(OpenVex(hashed("pkg:deb/debian/openssl@1.1", 'a'), "\"affected\"")));
  EXPECT_FALSE(Speaks(OpenVex(R"({"@id": "pkg:oci/web", "hashes": {"sha-512": "a"}})")));
}

TEST(ScanException, IdsAreNoPatterns) {
  std::string vex = OpenVex(R"({"@id": "pkg:oci/web"})");
  EXPECT_TRUE(Speaks(vex));
  vex.replace(vex.find("CVE-1-1"), 7, "CVE-1-*");
  EXPECT_FALSE(Speaks(vex));
  EXPECT_FALSE(Speaks("vulnerabilities:\n  - id: \"*\"\n"));
}

TEST(ScanException, ANewerStatementEndsAnOlderOne) {
  auto all = Read(OpenVex(R"({"@id": "pkg:deb/debian/openssl"})"));
  auto newer = Read(OpenVex(R"({"@id": "pkg:deb/debian/openssl"})", "\"affected\""));
  newer[0].made = ParseTime("2026-02-01T00:00:00Z");
  all.push_back(newer[0]);
  const std::string report = fixtures::Trivy(fixtures::Vulnerability("CVE-1-1", "HIGH"));
  const std::string image = R"({"vulnerabilities": {"fail": "high"}})";
  EXPECT_EQ(fixtures::Rules(fixtures::Judge(report, image, {all[0]})).size(), 0U);
  EXPECT_EQ(fixtures::Rules(fixtures::Judge(report, image, all)).size(), 1U);
}

TEST(ScanException, CsafSpeaksByItsProductTree) {
  const auto csaf = [](const std::string& status) {
    return R"({"document": {"category": "csaf_vex", "csaf_version": "2.0"}, "product_tree":
      {"branches": [{"product": {"product_id": "P", "product_identification_helper":
        {"purl": "pkg:deb/debian/openssl@1.1"}}}]},
      "vulnerabilities": [{"cve": "CVE-1-1", "product_status": {")" +
           status + R"(": ["P"]}}]})";
  };
  EXPECT_TRUE(Read(csaf("known_not_affected")).at(0).accepts);
  EXPECT_FALSE(Read(csaf("known_affected")).at(0).accepts);
  EXPECT_TRUE(Speaks(csaf("fixed")));
}

TEST(ScanException, CsafOfAForeignProductAcceptsNothing) {
  const auto csaf = [](const std::string& status, const std::string& package,
                       const std::string& whole) {
    return R"({"document": {"category": "csaf_vex", "csaf_version": "2.0"}, "product_tree":
      {"full_product_names": [
        {"product_id": "W", "product_identification_helper": {)" +
           whole + R"(}},
        {"product_id": "P", "product_identification_helper": {"purl": ")" +
           package + R"("}}],
      "relationships": [{"category": "default_component_of", "product_reference": "P",
        "relates_to_product_reference": "W", "full_product_name": {"product_id": "W:P"}}]},
      "vulnerabilities": [{"cve": "CVE-1-1", "product_status": {")" +
           status + R"(": ["W:P"]}}]})";
  };
  const std::string any = "pkg:deb/debian/openssl";
  const std::string system = R"("cpe": "cpe:/o:debian:debian_linux:7")";
  EXPECT_FALSE(Speaks(csaf("known_not_affected", any, system)));
  EXPECT_TRUE(Speaks(csaf("known_affected", any, system)));
  EXPECT_TRUE(Speaks(csaf("known_not_affected", any + "@1.1", system))) << "that very build";
  EXPECT_TRUE(Speaks(csaf("known_not_affected", any, R"("purl": "pkg:oci/web")")));
}

TEST(ScanException, AFixStateIsGrypesOwnWord) {
  const auto ignored = [](const std::string& state, const std::string& fixed) {
    ScanFinding finding = Found();
    finding.fix_state = state;
    finding.fixed = fixed;
    return SpeaksOf(Read("ignore:\n  - fix-state: wont-fix\n").at(0), finding, ImageView{});
  };
  EXPECT_TRUE(ignored("wont-fix", ""));
  EXPECT_FALSE(ignored("not-fixed", ""));
  EXPECT_FALSE(ignored("", "")) << "Trivy does not say";
  EXPECT_EQ(ReadReport(fixtures::Grype("Low"), "r").value().findings.at(0).fix_state, "fixed");
}

TEST(ScanException, IgnoreFilesAreRead) {
  EXPECT_TRUE(Speaks("# why\nCVE-1-1 exp:2027-01-01\n"));
  EXPECT_EQ(Read("# why\nCVE-1-1\n").at(0).reason, "why");
  EXPECT_TRUE(
      Speaks("vulnerabilities:\n  - id: CVE-1-1\n    purls: [\"pkg:deb/debian/openssl\"]\n"));
  EXPECT_FALSE(Speaks("vulnerabilities:\n  - id: CVE-1-1\n    paths: [\"opt/*\"]\n"));
  EXPECT_FALSE(Speaks("secrets:\n  - id: CVE-1-1\n"));
  EXPECT_TRUE(Speaks("ignore:\n  - vulnerability: CVE-1-1\n    package:\n      name: open.*\n"));
  EXPECT_FALSE(Speaks("ignore:\n  - vulnerability: CVE-1-1\n    fix-state: fixed\n"));
  EXPECT_FALSE(Speaks("ignore:\n  - package: {name: openssl, type: rpm}\n"));
}

TEST(ScanException, AGrypeRulesNameIsAPatternOfGrypes) {
  const auto ignored = [](const std::string& name) {
    return Speaks("ignore:\n  - package: {name: \"" + name + "\"}\n");
  };
  EXPECT_TRUE(ignored("openssl"));
  EXPECT_TRUE(ignored("op.*sl"));
  EXPECT_TRUE(ignored(".*"));
  EXPECT_FALSE(ignored("OPENSSL"));
  EXPECT_FALSE(ignored("pkg:deb/.*")) << "a name is no package URL";
  for (const std::string name :
       {"open*", "*", "o.**", "openss.+", "g++", "openss[l]", "a|openssl"}) {
    const auto read = ReadExceptions("ignore:\n  - package:\n      name: \"" + name + "\"\n", "f");
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_THAT(read.error().message, HasSubstr("line 3: the name \"" + name + "\" is a regular"));
  }
}

TEST(ScanException, PathsArePatternsOfDoublestar) {
  const auto ignored = [](const std::string& pattern, const std::string& place) {
    ScanFinding finding = Found();
    finding.place = place;
    const std::string trivy =
        "vulnerabilities:\n  - id: CVE-1-1\n    paths: [\"" + pattern + "\"]\n";
    const std::string grype = "ignore:\n  - package: {location: \"" + pattern + "\"}\n";
    const bool by_trivy = SpeaksOf(Read(trivy).at(0), finding, ImageView{});
    EXPECT_EQ(SpeaksOf(Read(grype).at(0), finding, ImageView{}), by_trivy);
    return by_trivy;
  };
  EXPECT_TRUE(ignored("usr/lib/*", "usr/lib/a.jar"));
  EXPECT_FALSE(ignored("usr/lib/*", "usr/lib/a/b/c.jar"));
  EXPECT_TRUE(ignored("usr/lib/**", "usr/lib/a/b/c.jar"));
  EXPECT_TRUE(ignored("**/foo.jar", "foo.jar"));
  EXPECT_TRUE(ignored("**/foo.jar", "a/b/foo.jar"));
  EXPECT_TRUE(ignored("/a/**/b/*/d", "/a/b/x/b/c/d"));
  EXPECT_TRUE(ignored("/a/**/c", "/a/c"));
  EXPECT_FALSE(ignored("/a/**/c", "/a/c/d"));
  EXPECT_FALSE(ignored("**/*.jar", "a/b.jar/c"));
  EXPECT_FALSE(ignored("USR/*", "usr/lib"));
  EXPECT_FALSE(ignored("a/b", "a"));
  EXPECT_FALSE(ignored("a", "a/b"));
  // Whatever the pattern, in the product of the lengths.
  std::string deep;
  std::string stars;
  for (int i = 0; i < 200; ++i) deep += "a/";
  for (int i = 0; i < 50; ++i) stars += "**/a/";
  EXPECT_FALSE(ignored(stars + "b", deep));
}

TEST(ScanException, TrivysPackageUrlsAreNoPatterns) {
  const auto entry = [](const std::string& purl) {
    return "vulnerabilities:\n  - id: CVE-1-1\n    purls:\n      - \"" + purl + "\"\n";
  };
  EXPECT_TRUE(Speaks(entry("pkg:deb/debian/openssl")));
  EXPECT_TRUE(Speaks(entry("pkg:deb/debian/openssl@1.1")));
  EXPECT_TRUE(Speaks(entry("pkg:deb/debian/openssl?arch=amd64")));
  EXPECT_FALSE(Speaks(entry("pkg:deb/debian/openssl@1.1?arch=arm64")));
  EXPECT_FALSE(Speaks(entry("pkg:deb/debian/openssl@1.2")));
  for (const char* bad : {"pkg:deb/debian/*", "pkg:*", "openssl", "*", ""}) {
    const auto read = ReadExceptions(entry(bad), "file");
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_THAT(read.error().message,
                HasSubstr("line 4: \"" + std::string(bad) + "\" is no package URL"));
  }
}

TEST(ScanException, AGrypeRuleIsOfTheFindingsOwnIdUnlessItIncludesAliases) {
  const auto ignored = [](const std::string& more, const std::string& id) {
    ScanFinding finding = Found();
    finding.id = "GHSA-1";
    finding.aliases = {"CVE-1-1"};
    return SpeaksOf(Read("ignore:\n  - vulnerability: " + id + "\n" + more).at(0), finding,
                    ImageView{});
  };
  EXPECT_FALSE(ignored("", "CVE-1-1"));
  EXPECT_FALSE(ignored("    include-aliases: false\n", "CVE-1-1"));
  EXPECT_TRUE(ignored("    include-aliases: true\n", "CVE-1-1"));
  EXPECT_TRUE(ignored("", "GHSA-1"));
}

TEST(ScanException, WhatIsNotUnderstoodIsAnErrorWithItsLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"CVE-1-1 until:tomorrow\n", "line 1"},
      {"CVE-1-1\nCVE-1-2 exp:soon\n", "line 2"},
      {"vulnerabilities:\n  - ids: CVE-1-1\n", "unknown key \"ids\""},
      {"vulnerabilities:\n  - statement: x\n", "must have an \"id\""},
      {"vulnerabilities:\n  - id: a\n    id: b\n", "second time"},
      {"ignore:\n  - namespace: x\n", "by \"namespace\""},
      {"ignore:\n  - vulnerability: x\n    include-aliases: 1\n", "must be true or false"},
      {"ignore:\n  - reason: x\n", "accept everything"},
      {"ignore:\n  - package: {name: \"a[bc]\"}\n", "regular expression"},
      {"ignore: &a\n  - vulnerability: x\nother: *a\n", "aliases"},
      {"ignore: [", "line "},
      {"{}", "no VEX document"},
      {R"({"statements": []})", "no \"@context\""},
  };
  for (const auto& [text, message] : cases) {
    const auto read = ReadExceptions(text, "file");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message, HasSubstr(message)) << text;
    EXPECT_THAT(read.error().message, HasSubstr("\"file\": "));
  }
  EXPECT_FALSE(ReadExceptions(OpenVex("", "\"not_affected\""), "f").ok()) << "no justification";
  EXPECT_FALSE(ReadExceptions(OpenVex("", "\"harmless\""), "f").ok());
}

TEST(ScanException, RealDocumentsAreRead) {
  const std::string folder = RUNWARD_SOURCE_DIR "/../shared/data/reports/other/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real documents beside the checkout";
  for (const char* name : {"openvex-v0.2.0.json", "CVE-2025-27144.openvex.json", "csaf-vex.json",
                           "grype-csaf-vex.json"}) {
    std::ifstream file(folder + name, std::ios::binary);
    EXPECT_FALSE(Read({std::istreambuf_iterator<char>(file), {}}).empty()) << name;
  }
}

}  // namespace
}  // namespace runward
