#include <algorithm>

#include "tools/evaluation.h"
#include "tools/xml.h"

// JUnit XML as CI systems read it: testsuites, testsuite, testcase, failure. One test case for each
// rule that the policy asks, whether it is met or not.
namespace runward {
namespace {

std::string Lines(const Evaluation& evaluation, const std::string& rule) {
  std::string text;
  for (const Breach& breach : evaluation.breaches) {
    if (breach.rule != rule) continue;
    text += Xml(breach.what);
    if (!breach.remedy.empty()) text += ": " + Xml(breach.remedy);
    text += "\n";
  }
  return text;
}

std::string ReasonFor(const std::vector<std::string>& reasons, const std::string& rule) {
  const auto found = std::ranges::find_if(
      reasons, [&](const std::string& reason) { return reason.starts_with(rule + ":"); });
  return found == reasons.end() ? "" : *found;
}

std::string TestCase(const Evaluation& evaluation, const std::string& rule) {
  std::string text = "    <testcase classname=\"" + Xml(evaluation.image.name) + "\" name=\"" +
                     Xml(rule) + "\" time=\"0\"";
  const std::string failed = ReasonFor(evaluation.failed, rule);
  const std::string warned = ReasonFor(evaluation.warned, rule);
  if (!failed.empty()) {
    text += ">\n      <failure message=\"" + Xml(failed) + "\" type=\"" + Xml(rule) + "\">" +
            Lines(evaluation, rule) + "</failure>\n    </testcase>\n";
  } else if (!warned.empty()) {
    text += ">\n      <system-out>warning: " + Lines(evaluation, rule) +
            "</system-out>\n    </testcase>\n";
  } else {
    text += "/>\n";
  }
  return text;
}

std::string Suite(const Evaluated& one, size_t& tests, size_t& failures, size_t& errors) {
  if (!one.evaluation) {
    ++tests;
    ++errors;
    return "  <testsuite name=\"" + Xml(one.file) +
           "\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0\">\n    <testcase "
           "classname=\"" +
           Xml(one.file) + "\" name=\"evaluation\" time=\"0\">\n      <error message=\"" +
           Xml(one.error.message) + "\" type=\"error\"></error>\n    </testcase>\n  </testsuite>\n";
  }
  const Evaluation& evaluation = *one.evaluation;
  const std::vector<std::string> rules = RulesOf(evaluation);
  tests += rules.size();
  failures += evaluation.failed.size();
  std::string text = "  <testsuite name=\"" + Xml(evaluation.image.name) + "\" tests=\"" +
                     std::to_string(rules.size()) + "\" failures=\"" +
                     std::to_string(evaluation.failed.size()) +
                     "\" errors=\"0\" skipped=\"0\" time=\"0\" timestamp=\"" +
                     FormatTime(one.now).substr(0, 19) + "\" hostname=\"runward\">\n";
  for (const std::string& rule : rules) text += TestCase(evaluation, rule);
  return text + "  </testsuite>\n";
}

}  // namespace

std::string EvaluationJunit(std::span<const Evaluated> all) {
  std::string suites;
  size_t tests = 0;
  size_t failures = 0;
  size_t errors = 0;
  for (const Evaluated& one : all) suites += Suite(one, tests, failures, errors);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"runward\" tests=\"" +
         std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\" errors=\"" +
         std::to_string(errors) + "\" time=\"0\">\n" + suites + "</testsuites>\n";
}

}  // namespace runward
