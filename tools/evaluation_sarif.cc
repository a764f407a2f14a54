#include <map>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/event_text.h"
#include "tools/evaluation.h"
#include "tools/log_text.h"
#include "tools/uri.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

std::string RuleIdOf(const Problem& problem) {
  return problem.finding == nullptr ? problem.breaches.front()->rule
                                    : Printable(problem.finding->id);
}

// GitHub sorts by "security-severity"; where the scanner has no score, the middle of the band that
// GitHub shows as the severity.
std::string ScoreOf(const ScanFinding& finding) {
  constexpr const char* kMiddles[] = {"5.0", "1.0", "2.0", "5.5", "8.0", "9.5"};
  if (!finding.score) return kMiddles[static_cast<size_t>(finding.severity)];
  std::string text = std::to_string(*finding.score);
  return text.substr(0, text.find('.') + 2);
}

// GitHub's code scanning refuses a rule without a fullDescription (its ingestion rule GH2012).
Json RuleJson(const Problem& problem) {
  const Breach& breach = *problem.breaches.front();
  const std::string text = Printable(breach.what);
  Json rule = {{"id", RuleIdOf(problem)},
               {"shortDescription", {{"text", text}}},
               {"fullDescription", {{"text", text}}}};
  const std::string remedy =
      breach.remedy.empty() ? "There is no fix yet." : "Remedy: " + Printable(breach.remedy) + ".";
  rule["help"] = {{"text", remedy}};
  Json tags = Json::array({"runward"});
  if (problem.finding != nullptr) {
    if (problem.finding->url.starts_with("https://")) {
      rule["helpUri"] = UriOf(problem.finding->url);
    }
    tags.push_back(KindName(problem.finding->kind));
    tags.push_back("security");
    rule["properties"]["security-severity"] = ScoreOf(*problem.finding);
  }
  rule["properties"]["tags"] = std::move(tags);
  return rule;
}

Json ResultJson(const Problem& problem, size_t index, const Evaluated& one) {
  std::string message;
  Json rules = Json::array();
  for (const Breach* breach : problem.breaches) {
    rules.push_back(breach->rule);
    if (!message.empty()) continue;
    message = Printable(breach->what) + " (rule " + breach->rule + ")";
    if (!breach->remedy.empty()) message += ". Remedy: " + Printable(breach->remedy);
  }
  const std::string& image = one.evaluation->image.name;
  Json location;
  location["physicalLocation"] = {{"artifactLocation", {{"uri", UriPathOf(image, "image")}}},
                                  {"region", {{"startLine", 1}}}};
  Json json = {{"ruleId", RuleIdOf(problem)},
               {"ruleIndex", index},
               {"kind", "fail"},
               {"level", problem.effect == Effect::kEnforce ? "error" : "warning"},
               {"message", {{"text", message}}},
               {"locations", Json::array({location})}};
  std::string place = RuleIdOf(problem) + "\n" + image;
  if (problem.finding != nullptr) {
    place += "\n" + problem.finding->package + "\n" + problem.finding->place;
  }
  json["partialFingerprints"] = {{"runwardFinding/v1", Sha256Hex(place)}};
  json["properties"] = {{"rules", std::move(rules)}};
  return json;
}

Json RunJson(const Evaluated& one) {
  Json rules = Json::array();
  Json results = Json::array();
  std::map<std::string, size_t> known;
  for (const Problem& problem : ProblemsOf(one)) {
    const auto [entry, fresh] = known.try_emplace(RuleIdOf(problem), rules.size());
    if (fresh) rules.push_back(RuleJson(problem));
    results.push_back(ResultJson(problem, entry->second, one));
  }
  Json run;
  run["tool"]["driver"] = {
      {"name", "runward"}, {"version", RUNWARD_VERSION}, {"rules", std::move(rules)}};
  run["columnKind"] = "utf16CodeUnits";
  Json invocation = {{"executionSuccessful", one.evaluation.has_value()}};
  if (!one.evaluation) {
    invocation["toolExecutionNotifications"] =
        Json::array({{{"level", "error"}, {"message", {{"text", Printable(one.error.message)}}}}});
  } else {
    run["properties"] = {{"image", Printable(one.evaluation->image.name)},
                         {"profile", one.evaluation->profile},
                         {"result", ResultText(one.evaluation->result)}};
  }
  run["invocations"] = Json::array({std::move(invocation)});
  run["results"] = std::move(results);
  return run;
}

}  // namespace

std::string EvaluationSarif(std::span<const Evaluated> all) {
  Json runs = Json::array();
  for (const Evaluated& one : all) runs.push_back(RunJson(one));
  const Json json = {{"$schema",
                      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                      "sarif-schema-2.1.0.json"},
                     {"version", "2.1.0"},
                     {"runs", std::move(runs)}};
  return LogJson(json);
}

}  // namespace runward
