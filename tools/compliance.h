#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_parse.h"
#include "policy/compliance_items.h"

namespace runward {

// One item of one container, as a report lists it.
struct ComplianceRow {
  const ComplianceItem* item = nullptr;
  CheckStatus status = CheckStatus::kUndecided;
  std::string detail;  // what was found, or why it cannot be decided
};

// Which rows a report shows. Empty: all.
struct RowFilter {
  std::vector<CheckStatus> statuses;
  std::string item;  // glob over ids
};

// Whether runward let the container of a finding start; a refused one is evaluated all the same.
bool Started(const Event& event);

// Of a finding: all items of the benchmark in its order, those that no configuration can decide
// included; only what the filter lets through.
std::vector<ComplianceRow> RowsOf(const LoggedEvent& finding, const RowFilter& filter);

// The newest finding of each container, in bounded memory: ids come from whoever starts containers.
class ComplianceContainers {
 public:
  static constexpr size_t kMost = 20000;

  void Add(const LoggedEvent& finding);
  [[nodiscard]] std::vector<const LoggedEvent*> Oldest() const;   // the oldest first
  [[nodiscard]] int64_t uncounted() const { return uncounted_; }  // findings past kMost

 private:
  std::map<std::string, LoggedEvent> newest_;
  int64_t uncounted_ = 0;
};

// The containers as a table, as one JSON object, and as SARIF 2.1.0.
std::string ComplianceTable(std::span<const LoggedEvent* const> containers,
                            const RowFilter& filter);
std::string ComplianceJson(std::span<const LoggedEvent* const> containers, const RowFilter& filter);
std::string ComplianceSarif(std::span<const LoggedEvent* const> containers,
                            const RowFilter& filter);

// "pass", "warn", "fail", "not decidable".
std::string_view ShownStatus(CheckStatus status);

}  // namespace runward
