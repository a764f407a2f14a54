#include <algorithm>

#include "scan/evaluate.h"

namespace runward {
namespace {

class Rules {
 public:
  void Add(bool asked, std::string rule) {
    const bool there = std::ranges::find(all_, rule) != all_.end();
    if (asked && !there) all_.push_back(std::move(rule));
  }
  void AddSeverities(const SeverityRule& rule, const std::string& section) {
    Add(rule.asks() && rule.fail, section + ".fail");
    Add(rule.asks() && rule.warn, section + ".warn");
  }
  void AddLists(const ListRule& rule, const std::string& deny, const std::string& allow) {
    Add(rule.mode != Effect::kOff && !rule.deny.empty(), deny);
    Add(rule.mode != Effect::kOff && rule.allow, allow);
  }
  std::vector<std::string> Take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> RulesOf(const Evaluation& evaluation) {
  const ImageRule& rule = evaluation.rule;
  Rules rules;
  rules.AddSeverities(rule.vulnerabilities.severity, "vulnerabilities");
  rules.Add(rule.vulnerabilities.known_exploited != Effect::kOff, "knownExploited");
  rules.Add(rule.vulnerabilities.epss_fail.has_value(), "epss.fail");
  rules.Add(rule.vulnerabilities.epss_warn.has_value(), "epss.warn");
  rules.AddLists(rule.cves, "cves.deny", "");
  rules.AddSeverities(rule.secrets, "secrets");
  rules.AddSeverities(rule.misconfigurations, "misconfigurations");
  rules.AddLists(rule.licenses, "licenses.deny", "licenses.allow");
  rules.Add(rule.licenses.mode != Effect::kOff && !rule.license_categories.empty(),
            "licenses.categories");
  rules.AddLists(rule.packages, "packages.deny", "packages.allow");
  rules.Add(rule.root != Effect::kOff, "root");
  rules.Add(rule.end_of_life != Effect::kOff, "endOfLife");
  rules.AddLists(rule.labels, "labels.required", "");
  rules.AddLists(rule.bases, "", "bases.allow");
  const bool scan = rule.scan.mode != Effect::kOff;
  rules.Add(scan && rule.scan.max_age_ns != 0, "scan.maxAge");
  rules.Add(scan && rule.scan.max_database_age_ns != 0, "scan.maxDatabaseAge");
  rules.Add(scan && !rule.scan.classes.empty(), "scan.classes");
  rules.Add(true, "scan.coverage");
  for (const Breach& breach : evaluation.breaches) rules.Add(true, breach.rule);
  return rules.Take();
}

}  // namespace runward
