#include "policy/validate.h"

#include <gtest/gtest.h>

#include <string>

namespace runward {
namespace {

std::vector<PolicyProblem> ProblemsOf(const std::string& text) {
  auto document = JsonDocument::Parse(text, {.comments = true});
  if (!document.ok()) {
    ADD_FAILURE() << document.error().message;
    return {};
  }
  Problems problems(document.value());
  Validate(document.value(), PolicySchema(), problems);
  return problems.Take();
}

// "line:column: message (hint)" of the first problem.
std::string First(const std::string& text) {
  const auto problems = ProblemsOf(text);
  if (problems.empty()) return "";
  const PolicyProblem& first = problems.front();
  return std::to_string(first.position.line) + ":" + std::to_string(first.position.column) + ": " +
         first.message + (first.hint.empty() ? "" : " (" + first.hint + ")");
}

std::string FirstOfProfile(const std::string& members) {
  return First(R"({"version":1,"profiles":[{"name":"p","match":{},)" + members + "}]}");
}

TEST(Validate, AcceptsEveryKeyWithAProperValue) {
  const std::string digest = "\"sha256:" + std::string(64, 'a') + "\"";
  EXPECT_EQ(First(R"({"$schema": "x", "version": 1, "allowUnmatched": true, "unrecorded": "allow",
    "trust": [{"name": "ci-1", "key": "k.pub", "images": ["a/*"], "verifier": "https://ci",
               "notBefore": "2026-01-01", "notAfter": "2026-12-31T12:00:00+02:00"}],
    "profiles": [{"name": "p.1_x", "mode": "audit", "restore": "deny",
      "match": {"images": ["*"], "chains": [)" +
                  digest + R"(], "baseChains": [)" + digest +
                  R"(], "rootfs": ["/srv/a b"]},
      "verdict": {"required": true, "maxAge": "7d", "warn": "deny", "expired": "grace",
                  "grace": "48h"}}],
    "events": {"required": false, "fdatasync": true, "rotateBytes": 65536, "keep": 1}})"),
            "");
}

TEST(Validate, NamesTheNearestKey) {
  EXPECT_EQ(First("{\"version\": 1,\n  \"profils\": []}"),
            "2:3: unknown key \"profils\" in the policy (did you mean \"profiles\"?)");
  EXPECT_EQ(First("{\"version\": 1, \"profiles\": [],\n  \"allow_unmatched\": true}"),
            "2:3: unknown key \"allow_unmatched\" in the policy (did you mean "
            "\"allowUnmatched\"?)");
  EXPECT_EQ(First("{\"version\": 1}"),
            "1:1: policy has no key \"profiles\" (add \"profiles\": a list in [ ])");
  EXPECT_EQ(FirstOfProfile(R"("Mode": "audit")"),
            "1:49: unknown key \"Mode\" in the profile (did you mean \"mode\"?)");
  EXPECT_EQ(FirstOfProfile(R"("expired": "warn")"),
            "1:49: unknown key \"expired\" in the profile (\"expired\" belongs in the verdict)");
  EXPECT_EQ(FirstOfProfile(R"("zzz": 1)"),
            "1:49: unknown key \"zzz\" in the profile (known keys are \"commands\" \"image\" "
            "\"match\" \"mode\" \"name\" \"network\" \"restore\" \"run\" \"secrets\" \"verdict\")");
}

TEST(Validate, SaysWhatAValueMustBe) {
  const struct {
    const char* members;
    const char* message;
  } cases[] = {
      {R"("mode": "enforced")",
       "\"mode\" must be \"audit\" or \"enforce\" (did you mean \"enforce\"?)"},
      {R"("mode": true)", "\"mode\" must be \"audit\" or \"enforce\""},
      {R"("verdict": [])", "\"verdict\" must be an object in { }"},
      {R"("verdict": {"required": "true"})", "\"required\" must be true or false"},
      {R"("verdict": {"maxAge": 7})",
       "\"maxAge\" must be a time such as \"90s\", \"15m\", \"36h\" or \"7d\""},
      {R"("verdict": {"maxAge": "0d"})",
       "\"maxAge\" must be a time such as \"90s\", \"15m\", \"36h\" or \"7d\""},
      {R"("verdict": {"maxAge": "99999d"})",
       "\"maxAge\" must be a time such as \"90s\", \"15m\", \"36h\" or \"7d\""},
  };
  for (const auto& test : cases) {
    const std::string found = FirstOfProfile(test.members);
    EXPECT_EQ(found.substr(found.find(": ") + 2), test.message);
  }
}

TEST(Validate, RefusesMatchesThatWouldMeanSomethingElse) {
  const auto match = [](const std::string& members) {
    const std::string found =
        First(R"({"version":1,"profiles":[{"name":"p","match":{)" + members + "}}]}");
    return found.empty() ? found : found.substr(found.find(": ") + 2);
  };
  EXPECT_EQ(match(R"("images": [])"),
            "\"images\" must not be an empty list (leave the key out, or list at least one)");
  EXPECT_EQ(match(R"("images": "a")"), "\"images\" must be a list in [ ]");
  for (const char* bad : {"\"\"", "\"a\\u0000\"", "\"a\\n\"", "null", "{}"}) {
    EXPECT_TRUE(match("\"images\": [" + std::string(bad) + "]").starts_with("an element of"))
        << bad;
  }
  for (const char* bad : {"srv", "/", "/srv/", "/srv//a", "/srv/../a", "/./a", "/a\\u0000b"}) {
    EXPECT_TRUE(match("\"rootfs\": [\"" + std::string(bad) + "\"]").starts_with("an element of"))
        << bad;
  }
  for (const std::string& bad : {std::string("sha256:ab"), "sha512:" + std::string(64, 'a'),
                                 std::string(64, 'a'), "sha256:" + std::string(64, 'A')}) {
    EXPECT_TRUE(match("\"chains\": [\"" + bad + "\"]").starts_with("an element of")) << bad;
  }
}

TEST(Validate, RefusesNumbersOutOfRange) {
  const auto with = [](const std::string& members) {
    return First(R"({"profiles":[],"version":1,"events":{)" + members + "}}");
  };
  EXPECT_NE(with(R"("keep": 0)"), "");
  EXPECT_NE(with(R"("keep": 1.5)"), "");
  EXPECT_NE(with(R"("rotateBytes": 65535)"), "");
  EXPECT_NE(with(R"("rotateBytes": 99999999999999999999)"), "");
  EXPECT_EQ(First(R"({"profiles":[],"version":2})"), "1:26: \"version\" must be 1");
  EXPECT_EQ(First("[]"), "1:1: a policy must be an object in { }");
}

TEST(Validate, ReportsManyProblemsInOrderAndNotWithoutEnd) {
  std::string text = "{\"version\": 1, \"profiles\": [\n";
  for (int i = 0; i < 100; ++i) text += "{\"name\": 7, \"match\": {}},\n";
  const auto problems = ProblemsOf(text + "]}");
  ASSERT_EQ(problems.size(), kMaxProblems);
  for (size_t i = 0; i < problems.size(); ++i) EXPECT_EQ(problems[i].position.line, i + 2);
}

TEST(Validate, PointsToAKeyWithEscapesToo) {
  EXPECT_EQ(First(R"({"profiles":[],"version":1,"\u0041":{}})"),
            "1:37: unknown key \"A\" in the policy (known keys are \"$schema\" \"addressGroups\" "
            "\"allowUnmatched\" \"events\" \"profiles\" \"rootless\" \"trust\" \"unrecorded\" "
            "\"version\")");
}

}  // namespace
}  // namespace runward
