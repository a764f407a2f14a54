#include <algorithm>

#include "base/glob.h"
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

bool FitsAny(const std::vector<std::string>& patterns, const std::string& text) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& one) { return FitsFolded(one, text); });
}

bool HasId(const std::vector<std::string>& patterns, const ScanFinding& finding) {
  return FitsAny(patterns, finding.id) ||
         std::ranges::any_of(finding.aliases,
                             [&](const std::string& id) { return FitsAny(patterns, id); });
}

bool FitsAnyPackage(const std::vector<std::string>& patterns, const ScanFinding& finding) {
  return std::ranges::any_of(patterns, [&](const std::string& one) {
    return FitsPackage(one, finding.package, finding.purl);
  });
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
        view_(ViewOf(judging.evaluation.image)) {}

  void Judge(size_t index) {
    const ScanFinding& finding = question_.report.findings[index];
    std::vector<Found> found = FindBreaches(finding);
    std::erase_if(found, [](const Found& one) { return one.effect == Effect::kOff; });
    if (found.empty()) return;
    std::string expired;
    if (AcceptByPolicy(index, finding, expired)) return;
    if (AcceptFromOutside(index, finding, expired)) {
      std::erase_if(found, [](const Found& one) { return one.rule != "cves.deny"; });
    }
    for (Found& one : found) {
      evaluation_.breaches.push_back({std::move(one.rule), one.effect,
                                      Describe(finding) + one.note + expired, RemedyOf(finding),
                                      index});
    }
  }

 private:
  static ImageView ViewOf(const KnownImage& image) {
    ImageView view{.digests = image.manifests, .name = image.name};
    view.digests.insert(view.digests.end(), image.configs.begin(), image.configs.end());
    view.digests.insert(view.digests.end(), image.chains.begin(), image.chains.end());
    return view;
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
    const Effect effect =
        EffectOf(rule, finding.severity == Severity::kUnknown ? rule_.vulnerabilities.unknown_as
                                                              : finding.severity);
    return {
        {section + (effect == Effect::kEnforce ? ".fail" : ".warn"), std::min(effect, rule.mode)}};
  }

  std::vector<Found> Vulnerability(const ScanFinding& finding) const {
    const VulnerabilityRule& rule = rule_.vulnerabilities;
    const bool exploited = Exploited(finding);
    std::vector<Found> found = {SeverityOf(finding, exploited)};
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

  Found SeverityOf(const ScanFinding& finding, bool exploited) const {
    const VulnerabilityRule& rule = rule_.vulnerabilities;
    const Severity severity =
        finding.severity == Severity::kUnknown ? rule.unknown_as : finding.severity;
    const Effect effect = EffectOf(rule.severity, severity);
    const Effect most = std::min(effect, rule.severity.mode);
    if (finding.fixed.empty() && question_.report.tells_fixes && rule.unfixed < most) {
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
    if (FitsAny(rule_.license_categories, finding.category)) {
      return {{"licenses.categories", rule.mode}};
    }
    return {};
  }

  bool AcceptByPolicy(size_t index, const ScanFinding& finding, std::string& expired) {
    for (const PolicyException& one : rule_.exceptions) {
      const bool fits =
          AcceptsById(finding, [&](std::string_view id) { return FitsFolded(one.id, id); }) &&
          (one.images.empty() || FitsAny(one.images, view_.name)) &&
          (one.packages.empty() || FitsAnyPackage(one.packages, finding));
      if (!fits) continue;
      if (one.expires && *one.expires < question_.now) {
        expired = Over(finding, "the policy", *one.expires);
        continue;
      }
      evaluation_.accepted.push_back({index, "policy", one.reason, one.expires});
      if (!one.expires) WarnWithoutEnd(finding, "the policy");
      return true;
    }
    return false;
  }

  // Does nothing any more, and is said: whoever wrote it counts on it.
  std::string Over(const ScanFinding& finding, const std::string& where, Time end) {
    std::string note = "the exception for " + finding.id + " in " + where + " expired ";
    note += FormatTime(end);
    std::vector<std::string>& notes = evaluation_.notes;
    if (notes.empty() || notes.back() != note) notes.push_back(std::move(note));
    return ", its exception in " + where + " expired " + FormatTime(end);
  }

  void WarnWithoutEnd(const ScanFinding& finding, const std::string& where) {
    evaluation_.breaches.push_back(
        {"exceptions.expires", Effect::kWarn,
         "the exception for " + finding.id + " in " + where + " has no end", "give it a date"});
  }

  bool AcceptIgnored(size_t index, const ScanFinding& finding, std::string& expired) {
    for (const Exception& one : question_.exceptions) {
      const bool vex = one.origin == Exception::Origin::kVex;
      if (vex || !SpeaksOf(one, finding, view_)) continue;
      if (one.expires && *one.expires < question_.now) {
        expired = Over(finding, one.source, *one.expires);
        continue;
      }
      evaluation_.accepted.push_back({index, one.source, one.reason, one.expires});
      if (!one.expires) WarnWithoutEnd(finding, one.source);
      return true;
    }
    return false;
  }

  // Of VEX; of two that are as new the one that does not accept.
  const Exception* NewestStatement(const ScanFinding& finding) const {
    const Exception* newest = nullptr;
    for (const Exception& one : question_.exceptions) {
      const bool vex = one.origin == Exception::Origin::kVex;
      if (!vex || !SpeaksOf(one, finding, view_)) continue;
      const Time made = one.made.value_or(Time{});
      const Time known = newest == nullptr ? Time{} : newest->made.value_or(Time{});
      if (newest == nullptr || made > known || (made == known && !one.accepts)) newest = &one;
    }
    return newest;
  }

  bool AcceptFromOutside(size_t index, const ScanFinding& finding, std::string& expired) {
    if (finding.suppressed && rule_.accept_ignore) {
      evaluation_.accepted.push_back({index, "scanner", "the scanner was told to", std::nullopt});
      return true;
    }
    if (rule_.accept_ignore && AcceptIgnored(index, finding, expired)) return true;
    const Exception* newest = rule_.accept_vex ? NewestStatement(finding) : nullptr;
    if (newest == nullptr || !newest->accepts) return false;
    evaluation_.accepted.push_back({index, newest->source, newest->reason, std::nullopt});
    return true;
  }

  static std::string Describe(const ScanFinding& finding) {
    std::string text = finding.id;
    if (finding.kind != FindingKind::kLicense) {
      text += " (" + std::string(SeverityName(finding.severity)) + ")";
    }
    if (!finding.package.empty()) text += " in " + finding.package;
    if (!finding.version.empty()) text += " " + finding.version;
    if (finding.package.empty() && !finding.place.empty()) text += " in " + finding.place;
    return text;
  }

  static std::string RemedyOf(const ScanFinding& finding) {
    switch (finding.kind) {
      case FindingKind::kVulnerability:
        return finding.fixed.empty() ? "" : "upgrade " + finding.package + " to " + finding.fixed;
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
  ImageView view_;
};

}  // namespace

void JudgeFindings(const Judging& judging) {
  FindingJudge judge(judging);
  for (size_t i = 0; i < judging.question.report.findings.size(); ++i) judge.Judge(i);
}

}  // namespace runward
