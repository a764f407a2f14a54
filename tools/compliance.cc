#include "tools/compliance.h"

#include <algorithm>

#include "base/event_finding.h"
#include "base/glob.h"

namespace runward {
namespace {

bool Shows(const RowFilter& filter, const ComplianceRow& row) {
  const bool status = filter.statuses.empty() ||
                      std::ranges::find(filter.statuses, row.status) != filter.statuses.end();
  return status && (filter.item.empty() || GlobMatch(filter.item, row.item->id));
}

ComplianceRow RowOf(const ComplianceItem& item, const std::vector<CheckResult>& checks) {
  const auto check = std::ranges::find(checks, item.id, &CheckResult::id);
  if (check != checks.end()) return {&item, check->status, check->detail};
  const std::string_view why =
      item.undecidable.empty() ? "the record does not tell" : item.undecidable;
  return {&item, CheckStatus::kUndecided, std::string(why)};
}

}  // namespace

std::string_view ShownStatus(CheckStatus status) {
  return status == CheckStatus::kUndecided ? "not decidable" : CheckStatusName(status);
}

bool Started(const Event& event) {
  return event.action == EventAction::kAllowed || event.action == EventAction::kWouldDeny;
}

std::vector<ComplianceRow> RowsOf(const LoggedEvent& finding, const RowFilter& filter) {
  std::vector<ComplianceRow> rows;
  for (const ComplianceItem& item : ComplianceItems()) {
    ComplianceRow row = RowOf(item, finding.event.checks);
    if (Shows(filter, row)) rows.push_back(std::move(row));
  }
  return rows;
}

void ComplianceContainers::Add(const LoggedEvent& finding) {
  const std::string key = finding.event.container_root + "\n" + finding.event.container_id;
  const auto known = newest_.find(key);
  if (known != newest_.end()) {
    known->second = finding;
  } else if (newest_.size() < kMost) {
    newest_.emplace(key, finding);
  } else {
    ++uncounted_;
  }
}

std::vector<const LoggedEvent*> ComplianceContainers::Oldest() const {
  std::vector<const LoggedEvent*> all;
  for (const auto& [key, finding] : newest_) all.push_back(&finding);
  std::ranges::stable_sort(
      all, [](const auto* one, const auto* other) { return one->event.time < other->event.time; });
  return all;
}

}  // namespace runward
