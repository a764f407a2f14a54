#include <algorithm>

#include "scan/acceptance.h"
#include "scan/evaluate.h"
#include "scan/license.h"
#include "scan/purl.h"

namespace runward {
namespace {

struct Found {
  std::string rule;
  Effect effect = Effect::kEnforce;
  std::string note = {};
};

bool HasId(const std::vector<std::string>& patterns, const ScanFinding& finding) {
  return FitsAnyFolded(patterns, finding.id) ||
         std::ranges::any_of(finding.aliases,
                             [&](const std::string& id) { return FitsAnyFolded(patterns, id); });
}

// What a severity does by itself, before the mode.
Effect EffectOf(const SeverityRule& rule, Severity severity) {
  if (rule.fail && severity >= *rule.fail) return Effect::kEnforce;
  return rule.warn && severity >= *rule.warn ? Effect::kWarn : Effect::kOff;
}

class FindingJudge {
 public:
  explicit FindingJudge(const Judging& judging)
      : question_(judging.question),
        evaluation_(judging.evaluation),
        rule_(judging.evaluation.rule),
        acceptance_(judging.question, judging.evaluation) {}

  void Judge(size_t index) {
    const ScanFinding& finding = question_.report.findings[index];
    std::vector<Found> found = FindBreaches(finding);
    std::erase_if(found, [](const Found& one) { return one.effect == Effect::kOff; });
    if (found.empty()) return;
    Idle idle;
    if (acceptance_.ByPolicy(index, idle)) return;
    Idle outside = idle;
    if (acceptance_.FromOutside(index, outside)) {
      std::erase_if(found, [](const Found& one) { return one.rule != "cves.deny"; });
    } else {
      idle = std::move(outside);
    }
    if (found.empty()) return;
    std::vector<std::string>& notes = evaluation_.notes;
    const bool said = idle.note.empty() || (!notes.empty() && notes.back() == idle.note);
    if (!said) notes.push_back(idle.note);
    unrated_ |= IsUnrated(finding);
    for (Found& one : found) {
      evaluation_.breaches.push_back({std::move(one.rule), one.effect,
                                      Describe(finding) + one.note + idle.of_finding,
                                      RemedyOf(finding), index});
    }
  }

  void Finish() const {
    if (!unrated_) return;
    evaluation_.notes.push_back(
        "a severity that is unknown and has no CVSS score counts as " +
        std::string(SeverityName(rule_.vulnerabilities.unknown_as)) +
        ": \"unknownAs\" under \"vulnerabilities\" in the policy says as what");
  }

 private:
  static bool IsUnrated(const ScanFinding& finding) {
    return finding.kind != FindingKind::kLicense && finding.severity == Severity::kUnknown &&
           !finding.score;
  }

  std::vector<Found> FindBreaches(const ScanFinding& finding) const {
    switch (finding.kind) {
      case FindingKind::kVulnerability:
        return Vulnerability(finding);
      case FindingKind::kSecret:
        return BySeverity("secrets", rule_.secrets, finding);
      case FindingKind::kMisconfiguration:
        return BySeverity("misconfigurations", rule_.misconfigurations, finding);
      case FindingKind::kLicense:
        return License(finding);
    }
    return {};
  }

  std::vector<Found> BySeverity(const std::string& section, const SeverityRule& rule,
                                const ScanFinding& finding) const {
    const Effect effect = EffectOf(rule, SeverityOf(finding));
    return {
        {section + (effect == Effect::kEnforce ? ".fail" : ".warn"), std::min(effect, rule.mode)}};
  }

  std::vector<Found> Vulnerability(const ScanFinding& finding) const {
    const VulnerabilityRule& rule = rule_.vulnerabilities;
    const bool exploited = Exploited(finding);
    std::vector<Found> found = {BySeverity(finding, exploited)};
    if (exploited) found.push_back({"knownExploited", rule.known_exploited});
    found.push_back(ByEpss(finding));
    if (HasId(rule_.cves.deny, finding)) found.push_back({"cves.deny", rule_.cves.mode});
    return found;
  }

  // Others of the report may have probabilities: one without could have any.
  Found ByEpss(const ScanFinding& finding) const {
    const VulnerabilityRule& rule = rule_.vulnerabilities;
    if (!finding.epss) {
      const Effect effect = rule.epss_fail   ? Effect::kEnforce
                            : rule.epss_warn ? Effect::kWarn
                                             : Effect::kOff;
      return {"epss.unknown", effect, ", no EPSS probability"};
    }
    if (rule.epss_fail && *finding.epss >= *rule.epss_fail) return {"epss.fail", Effect::kEnforce};
    const bool warns = rule.epss_warn && *finding.epss >= *rule.epss_warn;
    return {"epss.warn", warns ? Effect::kWarn : Effect::kOff};
  }

  // What it counts as: what its scanner says, or else its score, or else what the policy says.
  Severity SeverityOf(const ScanFinding& finding) const {
    if (finding.severity != Severity::kUnknown) return finding.severity;
    return finding.score ? SeverityOfScore(*finding.score) : rule_.vulnerabilities.unknown_as;
  }

  Found BySeverity(const ScanFinding& finding, bool exploited) const {
    const VulnerabilityRule& rule = rule_.vulnerabilities;
    const Effect effect = EffectOf(rule.severity, SeverityOf(finding));
    const Effect most = std::min(effect, rule.severity.mode);
    if (!HasFix(finding) && question_.report.tells_fixes && rule.unfixed < most) {
      return {"vulnerabilities.unfixed", rule.unfixed, ", no fix yet"};
    }
    if (most == Effect::kEnforce && rule.grace_ns != 0 && finding.published && !exploited &&
        finding.published->ns <= question_.now.ns &&
        question_.now.ns < finding.published->ns + rule.grace_ns) {
      const Time until{finding.published->ns + rule.grace_ns};
      return {"vulnerabilities.grace", Effect::kWarn, ", fails from " + FormatTime(until)};
    }
    return {effect == Effect::kEnforce ? "vulnerabilities.fail" : "vulnerabilities.warn", most};
  }

  bool Exploited(const ScanFinding& finding) const {
    if (finding.known_exploited) return true;
    const auto& known = question_.claims.exploited;
    if (!known) return false;
    return std::ranges::binary_search(*known, finding.id) ||
           std::ranges::any_of(finding.aliases, [&](const std::string& id) {
             return std::ranges::binary_search(*known, id);
           });
  }

  std::vector<Found> License(const ScanFinding& finding) const {
    const ListRule& rule = rule_.licenses;
    const LicenseAnswer answer = JudgeLicense(finding.id, rule.deny, rule.allow);
    if (answer == LicenseAnswer::kDenied) return {{"licenses.deny", rule.mode}};
    if (answer == LicenseAnswer::kNotAllowed) return {{"licenses.allow", rule.mode}};
    if (FitsAnyFolded(rule_.license_categories, finding.category)) {
      return {{"licenses.categories", rule.mode}};
    }
    return {};
  }

  std::string Describe(const ScanFinding& finding) const {
    std::string text = finding.id;
    if (finding.kind != FindingKind::kLicense) {
      text += " (" + std::string(SeverityName(finding.severity));
      if (finding.severity == Severity::kUnknown) {
        text += ", counts as " + std::string(SeverityName(SeverityOf(finding)));
      }
      text += ")";
    }
    if (!finding.package.empty()) text += " in " + finding.package;
    if (!finding.version.empty()) text += " " + finding.version;
    if (finding.package.empty() && !finding.place.empty()) text += " in " + finding.place;
    return text;
  }

  static std::string RemedyOf(const ScanFinding& finding) {
    switch (finding.kind) {
      case FindingKind::kVulnerability:
        if (!HasFix(finding)) return "";
        return "upgrade " + finding.package + " to " +
               (finding.fixed.empty() ? std::string(kUnnamedFix) : finding.fixed);
      case FindingKind::kSecret:
        return "remove the secret from the image's layers, and replace it";
      case FindingKind::kMisconfiguration:
        return finding.fixed;
      case FindingKind::kLicense:
        return "replace the package";
    }
    return "";
  }

  const Question& question_;
  Evaluation& evaluation_;
  const ImageRule& rule_;
  Acceptance acceptance_;
  bool unrated_ = false;  // one that broke a rule
};

}  // namespace

void JudgeFindings(const Judging& judging) {
  FindingJudge judge(judging);
  for (size_t i = 0; i < judging.question.report.findings.size(); ++i) judge.Judge(i);
  judge.Finish();
}

}  // namespace runward
