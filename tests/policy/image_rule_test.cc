#include "policy/image_rule.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

ImageRule Read(const std::string& text) {
  return ReadImageRule(JsonDocument::Parse(text).value().root());
}

TEST(ImageRule, ReadsWhatASectionSays) {
  const ImageRule rule = Read(R"({
    "vulnerabilities": {"fail": "high", "warn": "low", "unknownAs": "high", "unfixed": "warn",
                        "grace": "14d", "mode": "warn"},
    "epss": {"fail": 0.5, "warn": 0.1}, "knownExploited": "enforce",
    "cves": {"deny": ["CVE-2021-44228"]}, "licenses": {"allow": ["MIT"], "categories": ["forbidden"]},
    "scan": {"maxAge": "24h", "classes": ["secret"], "mode": "off"}, "root": "warn",
    "labels": {"required": ["a"]}, "accept": ["vex"],
    "exceptions": [{"id": "CVE-1-1", "reason": "r", "expires": "2026-12-31"}]})");
  EXPECT_EQ(rule.vulnerabilities.severity.fail, Severity::kHigh);
  EXPECT_EQ(rule.vulnerabilities.severity.warn, Severity::kLow);
  EXPECT_EQ(rule.vulnerabilities.severity.mode, Effect::kWarn);
  EXPECT_EQ(rule.vulnerabilities.unknown_as, Severity::kHigh);
  EXPECT_EQ(rule.vulnerabilities.unfixed, Effect::kWarn);
  EXPECT_EQ(rule.vulnerabilities.grace_ns, int64_t{14} * 86400 * 1'000'000'000);
  EXPECT_EQ(rule.vulnerabilities.epss_fail, 0.5);
  EXPECT_EQ(rule.vulnerabilities.known_exploited, Effect::kEnforce);
  EXPECT_EQ(rule.cves.deny, std::vector<std::string>{"CVE-2021-44228"});
  EXPECT_EQ(rule.licenses.allow, std::vector<std::string>{"MIT"});
  EXPECT_EQ(rule.scan.classes, std::vector<ScanClass>{ScanClass::kSecrets});
  EXPECT_EQ(rule.scan.mode, Effect::kOff);
  EXPECT_EQ(rule.labels.deny, std::vector<std::string>{"a"});
  EXPECT_TRUE(rule.accept_vex);
  EXPECT_FALSE(rule.accept_ignore);
  ASSERT_EQ(rule.exceptions.size(), 1U);
  EXPECT_EQ(FormatTime(*rule.exceptions[0].expires), "2026-12-31T23:59:59.999Z");
}

TEST(ImageRule, AsksNothingThatIsNotThere) {
  const ImageRule rule = Read("{}");
  EXPECT_FALSE(rule.vulnerabilities.severity.asks());
  EXPECT_FALSE(rule.secrets.asks());
  EXPECT_FALSE(rule.packages.asks());
  EXPECT_EQ(rule.root, Effect::kOff);
  EXPECT_TRUE(rule.accept_vex && rule.accept_ignore);
}

TEST(ImageRule, KnowsSeveritiesInAnyCase) {
  EXPECT_EQ(ParseSeverity("HIGH"), Severity::kHigh);
  EXPECT_EQ(ParseSeverity("Negligible"), Severity::kNegligible);
  EXPECT_EQ(ParseSeverity("severe"), std::nullopt);
  EXPECT_EQ(ParseSeverity(""), std::nullopt);
  EXPECT_EQ(SeverityName(Severity::kCritical), "critical");
}

}  // namespace
}  // namespace runward
