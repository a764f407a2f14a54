#include <nlohmann/json.hpp>
#include <set>

#include "base/encoding.h"
#include "base/event_text.h"
#include "tools/evaluation.h"
#include "tools/log_text.h"

// GitLab's container scanning report (security-report-schemas, container-scanning-report-format,
// 15.0.7): the vulnerabilities that break a rule. Other breaches have no place in it.
namespace runward {
namespace {

using Json = nlohmann::ordered_json;

const char* SeverityWord(Severity severity) {
  constexpr const char* kWords[] = {"Unknown", "Info", "Low", "Medium", "High", "Critical"};
  return kWords[static_cast<size_t>(severity)];
}

// Without a tag the schema takes no image.
std::string ImageOf(const Evaluated& one) {
  std::string name = Printable(one.evaluation->image.name);
  const size_t slash = name.rfind('/');
  const bool tagged = name.find(':', slash == std::string::npos ? 0 : slash) != std::string::npos;
  return tagged ? name : name + ":latest";
}

Json IdentifierOf(const std::string& id, const std::string& url) {
  const char* type = id.starts_with("CVE-") ? "cve" : id.starts_with("GHSA-") ? "ghsa" : "other";
  Json json = {{"type", type}, {"name", Printable(id)}, {"value", Printable(id)}};
  if (url.starts_with("https://") || url.starts_with("http://")) json["url"] = Printable(url);
  return json;
}

std::string Cut(std::string_view text, size_t most) {
  std::string cut = Printable(text);
  if (cut.size() > most) CutEscaped(cut, most);
  return cut;
}

Json VulnerabilityJson(const Problem& problem, const Evaluated& one) {
  const ScanFinding& finding = *problem.finding;
  const Breach& breach = *problem.breaches.front();
  Json identifiers = Json::array({IdentifierOf(finding.id, finding.url)});
  for (const std::string& alias : finding.aliases) identifiers.push_back(IdentifierOf(alias, ""));
  const std::string key = finding.id + "\n" + finding.package + "\n" + finding.version + "\n" +
                          finding.place + "\n" + one.evaluation->image.name;
  Json json = {
      {"id", Sha256Hex(key)},
      {"name", Cut(finding.title.empty() ? finding.id : finding.title, 250)},
      {"description", Cut(breach.what + " (rule " + breach.rule + "). " + finding.title, 4000)},
      {"severity", SeverityWord(finding.severity)}};
  json["solution"] = breach.remedy.empty() ? "There is no fix yet." : Cut(breach.remedy, 2000);
  json["identifiers"] = std::move(identifiers);
  if (finding.url.starts_with("https://")) {
    json["links"] = Json::array({{{"url", Printable(finding.url)}}});
  }
  const std::string os = Printable(one.report.os);
  json["location"] = {{"dependency",
                       {{"package", {{"name", Cut(finding.package, 200)}}},
                        {"version", Cut(finding.version, 200)}}},
                      {"operating_system", os.empty() ? "unknown" : os},
                      {"image", ImageOf(one)}};
  return json;
}

Json ToolJson(const std::string& id, const std::string& name, const std::string& version) {
  return {{"id", id}, {"name", name}, {"version", version}, {"vendor", {{"name", "runward"}}}};
}

}  // namespace

std::string EvaluationGitlab(std::span<const Evaluated> all) {
  Json vulnerabilities = Json::array();
  std::set<std::string> known;
  bool whole = true;
  std::string time;
  for (const Evaluated& one : all) {
    whole &= one.evaluation.has_value();
    time = FormatTime(one.now).substr(0, 19);  // GitLab's format has no zone: UTC
    for (const Problem& problem : ProblemsOf(one)) {
      const bool fits =
          problem.finding != nullptr && problem.finding->kind == FindingKind::kVulnerability;
      if (!fits) continue;
      Json vulnerability = VulnerabilityJson(problem, one);
      // Two reports on one image may tell of the same.
      if (known.insert(vulnerability["id"].get<std::string>()).second) {
        vulnerabilities.push_back(std::move(vulnerability));
      }
    }
  }
  const Json json = {{"version", "15.0.7"},
                     {"vulnerabilities", std::move(vulnerabilities)},
                     {"scan",
                      {{"analyzer", ToolJson("runward", "runward", RUNWARD_VERSION)},
                       {"scanner", ToolJson("runward", "runward", RUNWARD_VERSION)},
                       {"type", "container_scanning"},
                       {"start_time", time},
                       {"end_time", time},
                       {"status", whole ? "success" : "failure"}}}};
  return LogJson(json);
}

}  // namespace runward
