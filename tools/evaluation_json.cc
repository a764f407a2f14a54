#include <nlohmann/json.hpp>

#include "tools/evaluation.h"
#include "tools/log_text.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

Json FindingJson(const ScanFinding& finding) {
  Json json = {{"kind", KindName(finding.kind)},
               {"id", finding.id},
               {"severity", SeverityName(finding.severity)}};
  const auto add = [&json](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  if (!finding.aliases.empty()) json["aliases"] = finding.aliases;
  add("title", finding.title);
  add("package", finding.package);
  add("version", finding.version);
  add("fixed", finding.fixed);
  add("purl", finding.purl);
  add("place", finding.place);
  add("category", finding.category);
  add("url", finding.url);
  if (finding.score) json["score"] = *finding.score;
  if (finding.epss) json["epss"] = *finding.epss;
  if (finding.known_exploited) json["knownExploited"] = true;
  if (finding.published) json["published"] = FormatTime(*finding.published);
  return json;
}

Json DigestsJson(const std::vector<Digest>& digests) {
  Json list = Json::array();
  for (const Digest& digest : digests) list.push_back(digest.text());
  return list;
}

Json ImageJson(const KnownImage& image) {
  return {{"name", image.name},
          {"manifests", DigestsJson(image.manifests)},
          {"configs", DigestsJson(image.configs)},
          {"diffIDs", DigestsJson(image.diff_ids)}};
}

Json ReportJson(const Report& report) {
  Json json = {{"format", FormatName(report.format)},
               {"sha256", report.sha256},
               {"scanner", report.scanner},
               {"findings", report.findings.size()}};
  if (report.created) json["scannedAt"] = FormatTime(*report.created);
  if (report.database) json["databaseAt"] = FormatTime(*report.database);
  if (!report.os.empty()) json["os"] = report.os;
  return json;
}

Json OneJson(const Evaluated& one) {
  Json json = {{"file", one.file}};
  if (!one.evaluation) {
    json["error"] = one.error.message;
    return json;
  }
  const Evaluation& evaluation = *one.evaluation;
  json["result"] = evaluation.result == EvaluationResult::kPassed   ? "PASSED"
                   : evaluation.result == EvaluationResult::kWarned ? "WARN"
                                                                    : "FAILED";
  json["profile"] = evaluation.profile;
  json["policy"] = {{"sha256", one.policy_digest}};
  json["evaluatedAt"] = FormatTime(one.now);
  json["image"] = ImageJson(evaluation.image);
  json["report"] = ReportJson(one.report);
  json["failed"] = evaluation.failed;
  json["warned"] = evaluation.warned;
  json["breaches"] = Json::array();
  for (const Breach& breach : evaluation.breaches) {
    Json entry = {{"rule", breach.rule},
                  {"effect", breach.effect == Effect::kEnforce ? "enforce" : "warn"},
                  {"what", breach.what}};
    if (!breach.remedy.empty()) entry["remedy"] = breach.remedy;
    if (breach.finding) entry["finding"] = FindingJson(one.report.findings[*breach.finding]);
    json["breaches"].push_back(std::move(entry));
  }
  json["accepted"] = Json::array();
  for (const AcceptedFinding& accepted : evaluation.accepted) {
    Json entry = {{"by", accepted.by},
                  {"reason", accepted.reason},
                  {"finding", FindingJson(one.report.findings[accepted.finding])}};
    if (accepted.expires) entry["expires"] = FormatTime(*accepted.expires);
    json["accepted"].push_back(std::move(entry));
  }
  std::vector<std::string> notes = one.notes;
  notes.insert(notes.end(), evaluation.notes.begin(), evaluation.notes.end());
  if (!notes.empty()) json["notes"] = std::move(notes);
  return json;
}

}  // namespace

std::string EvaluationJson(std::span<const Evaluated> all) {
  Json json;
  if (all.size() == 1) {
    json = OneJson(all[0]);
  } else {
    json["results"] = Json::array();
    for (const Evaluated& one : all) json["results"].push_back(OneJson(one));
  }
  return LogJson(json);
}

}  // namespace runward
