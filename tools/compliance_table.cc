#include <nlohmann/json.hpp>

#include "base/event_finding.h"
#include "base/event_text.h"
#include "tools/compliance.h"
#include "tools/report.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kStatusColumns = 13;
constexpr size_t kItemColumns = 5;
constexpr size_t kTitleColumns = 61;

std::string Counts(const LoggedEvent& finding) {
  const std::vector<ComplianceRow> rows = RowsOf(finding, {});
  std::string text;
  for (CheckStatus status : kCheckStatuses) {
    const auto count = std::ranges::count(rows, status, &ComplianceRow::status);
    text +=
        (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(ShownStatus(status));
  }
  return text;
}

std::string RowText(const ComplianceRow& row) {
  std::string text = "  " + Fit(ShownStatus(row.status), kStatusColumns) + "  " +
                     Fit(row.item->id, kItemColumns) + " " + Fit(row.item->nist, kItemColumns) +
                     "  ";
  text += row.detail.empty() ? std::string(row.item->title)
                             : Fit(row.item->title, kTitleColumns) + "  " + Printable(row.detail);
  text += "\n";
  if (row.status == CheckStatus::kWarn || row.status == CheckStatus::kFail) {
    text += std::string(kStatusColumns + 2 * kItemColumns + 7, ' ') +
            "remedy: " + std::string(row.item->remedy) + "\n";
  }
  return text;
}

Json RowJson(const ComplianceRow& row) {
  Json json = {{"item", row.item->id},
               {"title", row.item->title},
               {"status", ShownStatus(row.status)},
               {"found", row.detail},
               {"remedy", row.item->remedy}};
  json["nist"] = {{"section", row.item->nist}, {"title", NistTitle(row.item->nist)}};
  return json;
}

}  // namespace

std::string ComplianceTable(std::span<const LoggedEvent* const> containers,
                            const RowFilter& filter) {
  std::string text;
  for (const LoggedEvent* finding : containers) {
    const std::vector<ComplianceRow> rows = RowsOf(*finding, filter);
    if (rows.empty()) continue;
    const Event& event = finding->event;
    text += (text.empty() ? "" : "\n") + Printable(event.container_id) + "  " +
            Printable(event.image_name.empty() ? "(no name)" : event.image_name) + "  " +
            ShortTime(event.time) + "  event " + Printable(event.id) +
            (Started(event) ? "" : "  refused, did not start") + "\n  " + Counts(*finding) +
            "\n  " + Fit("STATUS", kStatusColumns) + "  " + Fit("CIS", kItemColumns) + " " +
            Fit("NIST", kItemColumns) + "  " + Fit("WHAT HAS TO HOLD", kTitleColumns) + "  FOUND\n";
    for (const ComplianceRow& row : rows) text += RowText(row);
  }
  return text;
}

std::string ComplianceJson(std::span<const LoggedEvent* const> containers,
                           const RowFilter& filter) {
  Json list = Json::array();
  for (const LoggedEvent* finding : containers) {
    Json checks = Json::array();
    for (const ComplianceRow& row : RowsOf(*finding, filter)) checks.push_back(RowJson(row));
    if (checks.empty()) continue;
    const Event& event = finding->event;
    list.push_back({{"container", event.container_id},
                    {"container_root", event.container_root},
                    {"host", finding->hostname},
                    {"time", FormatTime(event.time)},
                    {"event", event.id},
                    {"started", Started(event)},
                    {"profile", event.profile},
                    {"image", event.image_name},
                    {"image_chain", event.image_chain},
                    {"checks", std::move(checks)}});
  }
  const Json json = {
      {"standard", kComplianceStandard}, {"mapping", kNistStandard}, {"containers", list}};
  // Logged texts are UTF-8, but a tampered log may say anything: replace, never throw.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace runward
