#include <array>
#include <nlohmann/json.hpp>

#include "base/event_finding.h"
#include "base/event_text.h"
#include "tools/compliance.h"
#include "tools/uri.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

// SARIF 2.1.0, 3.27.9 and 3.27.10: only what fails has a level; "open" is what could not be
// decided for lack of information.
struct Kind {
  CheckStatus status;
  const char* kind;
  const char* level;
};
constexpr std::array<Kind, 4> kKinds = {{{CheckStatus::kUndecided, "open", "none"},
                                         {CheckStatus::kPass, "pass", "none"},
                                         {CheckStatus::kWarn, "fail", "warning"},
                                         {CheckStatus::kFail, "fail", "error"}}};

// GitHub's code scanning refuses a rule without a fullDescription (its ingestion rule GH2012).
Json RuleJson(const ComplianceItem& item) {
  const std::string standard(kComplianceStandard);
  const std::string nist = std::string(kNistStandard) + " " + std::string(item.nist);
  return {
      {"id", item.id},
      {"shortDescription", {{"text", item.title}}},
      {"fullDescription",
       {{"text", standard + ", " + std::string(item.id) + ": " + std::string(item.title) + "."}}},
      {"help",
       {{"text", "Remedy: " + std::string(item.remedy) + ". " + nist + ": " +
                     std::string(NistTitle(item.nist)) + "."}}},
      {"properties", {{"tags", {standard, nist}}}}};
}

std::string MessageOf(const ComplianceRow& row, const Event& event) {
  std::string text = std::string(row.item->title) + ": " + std::string(ShownStatus(row.status));
  if (!row.detail.empty()) text += " (" + Printable(row.detail) + ")";
  text += ", container " + Printable(event.container_id);
  if (!Started(event)) text += ", refused, did not start";
  const bool mend = row.status == CheckStatus::kWarn || row.status == CheckStatus::kFail;
  return mend ? text + ". Remedy: " + std::string(row.item->remedy) : text;
}

Json ResultJson(const ComplianceRow& row, const LoggedEvent& finding) {
  const Event& event = finding.event;
  const Kind& kind = kKinds[static_cast<size_t>(row.status)];
  Json location;
  location["physicalLocation"] = {
      {"artifactLocation", {{"uri", UriPathOf(event.image_name, "container")}}},
      {"region", {{"startLine", 1}}}};
  location["logicalLocations"] =
      Json::array({{{"fullyQualifiedName", Printable(event.container_id)}, {"kind", "container"}}});
  Json json = {{"ruleId", row.item->id},
               {"ruleIndex", row.item - ComplianceItems().data()},
               {"kind", kind.kind},
               {"level", kind.level},
               {"message", {{"text", MessageOf(row, event)}}},
               {"locations", Json::array({location})}};
  // The same item of the same image and container is one finding, whenever it was seen.
  json["partialFingerprints"] = {
      {"runwardItem/v1",
       std::string(row.item->id) + ":" + event.image_chain + ":" + event.container_id}};
  json["properties"] = {{"event", event.id},
                        {"time", FormatTime(event.time)},
                        {"host", finding.hostname},
                        {"started", Started(event)},
                        {"nist", row.item->nist}};
  return json;
}

}  // namespace

std::string ComplianceSarif(std::span<const LoggedEvent* const> containers,
                            const RowFilter& filter) {
  Json rules = Json::array();
  for (const ComplianceItem& item : ComplianceItems()) rules.push_back(RuleJson(item));
  Json results = Json::array();
  for (const LoggedEvent* finding : containers) {
    for (const ComplianceRow& row : RowsOf(*finding, filter)) {
      results.push_back(ResultJson(row, *finding));
    }
  }
  Json run;
  run["tool"]["driver"] = {{"name", "runward"}, {"version", RUNWARD_VERSION}, {"rules", rules}};
  run["columnKind"] = "utf16CodeUnits";
  run["results"] = std::move(results);
  const Json json = {{"$schema",
                      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                      "sarif-schema-2.1.0.json"},
                     {"version", "2.1.0"},
                     {"runs", Json::array({run})}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace runward
