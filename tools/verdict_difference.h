#pragma once

#include <string>
#include <vector>

#include "policy/verdict.h"
#include "scan/report.h"
#include "tools/verdict_basis.h"

namespace runward {

// What two verdicts say differently.

// The elements of `all` that are not in `these`, in their order.
std::vector<std::string> WithoutThese(const std::vector<std::string>& all,
                                      const std::vector<std::string>& these);

// "  - gone" and "  + new", a line each; safe to show.
std::string ReasonsText(const std::vector<std::string>& before,
                        const std::vector<std::string>& after);

struct ComparedVerdict {
  Verdict verdict;
  VerdictBasis basis;
  std::vector<std::string> findings;  // of its report, sorted: FindingLines
  bool has_report = false;
};

struct VerdictDifference {
  struct Field {
    std::string name;
    std::string before;
    std::string after;
  };
  std::vector<Field> fields;
  std::vector<std::string> reasons_gone;
  std::vector<std::string> reasons_new;
  std::vector<std::string> findings_gone;  // when both reports are known
  std::vector<std::string> findings_new;
  // Times aside: a verdict signed again for the same reasons is the same.
  [[nodiscard]] bool empty() const {
    return fields.empty() && reasons_gone.empty() && reasons_new.empty() && findings_gone.empty() &&
           findings_new.empty();
  }
};

VerdictDifference DifferenceOf(const ComparedVerdict& before, const ComparedVerdict& after);

// "CVE-2021-44228  critical  log4j 2.14.1", sorted, each once.
std::vector<std::string> FindingLines(const Report& report);

}  // namespace runward
