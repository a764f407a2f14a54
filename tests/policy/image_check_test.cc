#include <gtest/gtest.h>

#include "policy/image_schema.h"

namespace runward {
namespace {

std::string First(const std::string& image) {
  const JsonDocument document = JsonDocument::Parse(image).value();
  Problems problems(document);
  Validate(document, kImageSchema, problems);
  if (problems.empty()) CheckImage(document.root(), problems);
  const auto found = problems.Take();
  return found.empty() ? "" : found.front().message;
}

std::string Ways(const std::string& was, const std::string& is) {
  const JsonDocument before = JsonDocument::Parse(was).value();
  const JsonDocument after = JsonDocument::Parse(is).value();
  return ImageLaxerWays(before.root(), after.root());
}

TEST(ImageCheck, TakesWhatIsDocumented) {
  EXPECT_EQ(First(R"({"vulnerabilities": {"fail": "high", "warn": "medium", "grace": "14d"},
                      "epss": {"fail": 0.5}, "bases": {"allow": ["sha256:)" +
                  std::string(64, 'a') + R"("]}, "cves": {"deny": ["CVE-2021-44228"]}})"),
            "");
}

TEST(ImageCheck, RefusesWhatWouldAskNothing) {
  EXPECT_EQ(First("{}"), "\"image\" asks nothing of an image");
  EXPECT_EQ(First(R"({"exceptions": [{"id": "x", "reason": "r"}]})"),
            "\"image\" asks nothing of an image");
  EXPECT_EQ(First(R"({"secrets": {"mode": "warn"}})"), "\"secrets\" asks nothing");
  EXPECT_EQ(First(R"({"scan": {"mode": "warn"}})"), "\"scan\" asks nothing");
  EXPECT_EQ(First(R"({"vulnerabilities": {"fail": "high", "warn": "critical"}})"),
            "\"warn\" has no effect: what it names fails already");
  EXPECT_EQ(First(R"({"vulnerabilities": {"warn": "high", "grace": "1d"}})"),
            "\"grace\" has no effect: nothing fails");
  EXPECT_EQ(First(R"({"epss": {"fail": 0.1, "warn": 0.5}})"),
            "\"warn\" has no effect: what it names fails already");
  EXPECT_EQ(First(R"({"epss": {"fail": 1.5}})"),
            "\"fail\" must be a number from 0 to 1, such as 0.5");
  EXPECT_EQ(First(R"({"packages": {"deny": ["a"], "allow": ["a"]}})"),
            "\"a\" is denied and allowed");
}

TEST(ImageCheck, FindsAMistypedCve) {
  for (const char* id : {"CVE2021-44228", "CVE-2021_44228", "cve-2021-1", "CVE-", "CVE-2021-"}) {
    EXPECT_NE(First(R"({"cves": {"deny": [")" + std::string(id) + R"("]}})"), "") << id;
  }
  EXPECT_EQ(First(R"({"cves": {"deny": ["GHSA-jfh8-c2jp-5v3q", "CVE-2021-*"]}})"), "");
}

TEST(ImageCheck, FindsInWhichWaysALaterSectionIsLaxer) {
  const std::string was = R"({"vulnerabilities": {"fail": "high"}, "root": "enforce",
                              "cves": {"deny": ["CVE-1-1"]}, "scan": {"maxAge": "1d"}})";
  EXPECT_EQ(Ways(was, was), "");
  EXPECT_EQ(Ways(was, R"({"vulnerabilities": {"fail": "critical"}, "root": "warn",
                          "scan": {"maxAge": "2d"}})"),
            "image asks less about vulnerabilities, denied CVEs, root, the scan");
}

TEST(ImageCheck, FindsWhatALaterSectionAcceptsBesides) {
  const auto with = [](const std::string& exception, const std::string& accept = R"(["vex"])") {
    return R"({"root": "warn", "accept": )" + accept + R"(, "exceptions": [)" + exception + "]}";
  };
  const auto one = [](const std::string& more, const std::string& id = "CVE-1-1") {
    return R"({"id": ")" + id + R"(", "reason": "r")" + more + "}";
  };
  const std::string narrow =
      one(R"(, "expires": "2026-12-31", "images": ["web:*"], "packages": ["curl", "nginx"])");
  const std::string more = "image accepts more exceptions";
  EXPECT_EQ(Ways(with(narrow), with(narrow)), "");
  EXPECT_EQ(Ways(with(narrow), with("")), "");
  EXPECT_EQ(Ways(with(""), with(narrow)), more);
  EXPECT_EQ(Ways(with(one("")), with(narrow)), "") << "it is narrower";
  EXPECT_EQ(Ways(with(one("", "CVE-1-*")), with(narrow)), "");
  for (const char* wider :
       {"", R"(, "expires": "2027-12-31", "images": ["web:*"], "packages": ["curl"])",
        R"(, "expires": "2026-12-31", "images": ["*"], "packages": ["curl"])",
        R"(, "expires": "2026-12-31", "packages": ["curl"])",
        R"(, "expires": "2026-12-31", "images": ["web:*"])",
        R"(, "images": ["web:*"], "packages": ["curl"])"}) {
    EXPECT_EQ(Ways(with(narrow), with(one(wider))), more) << wider;
  }
  EXPECT_EQ(Ways(with(""), with("", R"(["vex", "ignore"])")), "image accepts ignore files");
  EXPECT_EQ(Ways(with(""), R"({"root": "off"})"),
            "image asks less about root, and accepts ignore files");
  EXPECT_EQ(Ways(with("", "[]"), with(narrow, R"(["vex"])")), more + ", VEX documents");
}

}  // namespace
}  // namespace runward
