#pragma once

#include <string>
#include <vector>

#include "policy/dsse.h"
#include "tests/scan/samples.h"
#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {

class VerdictEvaluateTest : public VerdictCommandTest {
 protected:
  VerdictEvaluateTest() {
    Write("policy.json", R"({"version": 1,
      "trust": [{"name": "ci", "key": "ci.pub", "images": ["registry.example.com/*"]}],
      "profiles": [{"name": "web", "match": {"images": ["registry.example.com/*"]},
                    "image": {"vulnerabilities": {"fail": "high", "warn": "low"}}},
                   {"name": "rest", "match": {}}]})");
    Write("bad.json", Trivy(Vulnerability("CVE-2021-44228", "CRITICAL",
                                          R"(, "FixedVersion": "1.2", "Title": "a <b> | c")")));
    Write("warn.json", Trivy(Vulnerability("CVE-1-1", "LOW")));
    Write("good.json", Trivy(""));
  }
  int Evaluate(const std::string& report, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"evaluate", Path(report), "--name",
                                     "registry.example.com/web:1"};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
  // The statement of the envelope in a file.
  [[nodiscard]] static nlohmann::json StatementIn(const std::string& path) {
    const auto envelope = ParseEnvelope(Read(path));
    EXPECT_TRUE(envelope.ok());
    return envelope.ok() ? nlohmann::json::parse(envelope.value().payload) : nlohmann::json();
  }
};

}  // namespace runward::fixtures
