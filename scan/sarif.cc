#include <charconv>
#include <map>

#include "scan/fields.h"
#include "scan/report.h"

// SARIF 2.1.0, to be shown. It is no ground for a verdict: what each scanner puts into a rule or a
// message is its own, and neither package nor fix nor image has a place of its own in it.
namespace runward {
namespace {

struct Rule {
  std::string title;
  std::optional<Severity> severity;
  std::optional<double> score;
};

Severity LevelOf(std::string_view level) {
  if (level == "error") return Severity::kHigh;
  if (level == "note") return Severity::kLow;
  return level == "none" ? Severity::kNegligible : Severity::kMedium;
}

Result<Rule> ReadRule(JsonValue rule) {
  Rule read;
  read.title = TRY(TextOf(ObjectOf(rule, "shortDescription"), "text"));
  const JsonValue properties = TRY(ObjectOf(rule, "properties"));
  const std::string score = TRY(TextOf(properties, "security-severity"));
  if (score.empty()) return read;
  double number = -1;
  const auto [end, status] = std::from_chars(score.data(), score.data() + score.size(), number);
  if (status != std::errc{} || !(number >= 0 && number <= 10)) {
    return BadField(properties.Find("security-severity"), "must be a number from 0 to 10");
  }
  read.score = number;
  read.severity = SeverityOfScore(number);
  return read;
}

Result<std::string> PlaceOf(JsonValue result) {
  for (const JsonValue location : TRY(ListOf(result, "locations"))) {
    TRY(ObjectIn(location));
    const JsonValue physical = TRY(ObjectOf(location, "physicalLocation"));
    return TextOf(TRY(ObjectOf(physical, "artifactLocation")), "uri");
  }
  return std::string();
}

Result<void> ReadRun(JsonValue run, Report& report) {
  TRY(ObjectIn(run));
  const JsonValue driver = TRY(ObjectOf(ObjectOf(run, "tool"), "driver"));
  report.scanner = TRY(NeededText(driver, "name")) + " " + TRY(TextOf(driver, "version"));
  std::map<std::string, Rule> rules;
  for (const JsonValue rule : TRY(ListOf(driver, "rules"))) {
    TRY(ObjectIn(rule));
    rules[TRY(NeededText(rule, "id"))] = TRY(ReadRule(rule));
  }
  for (const JsonValue result : TRY(ListOf(run, "results"))) {
    TRY(ObjectIn(result));
    const std::string id = TRY(NeededText(result, "ruleId"));
    const Rule& rule = rules[id];
    const std::string level = TRY(TextOf(result, "level"));
    ScanFinding made;
    made.id = id;
    made.severity = rule.severity.value_or(LevelOf(level));
    made.title = TRY(TextOf(ObjectOf(result, "message"), "text"));
    made.place = TRY(PlaceOf(result));
    made.score = rule.score;
    report.findings.push_back(std::move(made));
  }
  return {};
}

}  // namespace

Result<void> ReadSarif(JsonValue root, Report& report) {
  const std::string version = TRY(NeededText(root, "version"));
  if (version != "2.1.0") return BadField(root.Find("version"), "must be 2.1.0");
  for (const JsonValue run : TRY(ListOf(root, "runs"))) TRY(ReadRun(run, report));
  return {};
}

}  // namespace runward
