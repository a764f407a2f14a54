#include <algorithm>

#include "scan/evaluate.h"

// What is asked of the scan: that it looked for what the policy asks about, and that it is fresh. A
// report does not say which scanners ran, only what they found.
namespace runward {
namespace {

struct Asked {
  ScanClass what;
  std::string_view section;
  Effect mode;
};

bool Declared(const Question& question, ScanClass what) {
  return std::ranges::find(question.claims.classes, what) != question.claims.classes.end();
}

std::string Named(ScanClass what) {
  return std::string(kScanClassNames[static_cast<size_t>(what)]);
}

bool AsksVulnerabilities(const ImageRule& rule) {
  const VulnerabilityRule& about = rule.vulnerabilities;
  return about.severity.asks() || about.known_exploited != Effect::kOff || about.epss_fail ||
         about.epss_warn || rule.cves.asks();
}

std::vector<Asked> AskedBy(const ImageRule& rule) {
  std::vector<Asked> asked;
  if (AsksVulnerabilities(rule)) {
    asked.push_back({ScanClass::kVulnerabilities, "vulnerabilities", Effect::kEnforce});
  }
  if (rule.secrets.asks()) asked.push_back({ScanClass::kSecrets, "secrets", rule.secrets.mode});
  if (rule.misconfigurations.asks()) {
    asked.push_back(
        {ScanClass::kMisconfigurations, "misconfigurations", rule.misconfigurations.mode});
  }
  const bool licenses = rule.licenses.asks() ||
                        (rule.licenses.mode != Effect::kOff && !rule.license_categories.empty());
  if (licenses) asked.push_back({ScanClass::kLicenses, "licenses", rule.licenses.mode});
  return asked;
}

void JudgeAsked(const Judging& judging, const Asked& asked) {
  const Report& report = judging.question.report;
  if (asked.what == ScanClass::kVulnerabilities && report.only_lists &&
      !Declared(judging.question, asked.what)) {
    judging.evaluation.notes.emplace_back(
        "the report lists packages and no vulnerability, which looks the same when none were "
        "looked "
        "for: see that the scanner was asked for them (--scanners vuln)");
  }
  if (LookedFor(judging.question, asked.what)) return;
  const std::string named = Named(asked.what);
  const bool can = std::ranges::find(report.possible, asked.what) != report.possible.end();
  if (asked.what == ScanClass::kVulnerabilities && !report.passed_over.empty()) {
    judging.Add("scan.coverage", Effect::kEnforce, report.passed_over,
                "scan with one that knows the distribution; if its packages need no scan, say "
                "--scanned vuln");
  } else if (asked.what == ScanClass::kVulnerabilities) {
    judging.Add("scan.coverage", Effect::kEnforce,
                "nothing shows that anything was scanned for vulnerabilities: the report has no "
                "result of a package class",
                "scan the image again; if it truly has no packages, say --scanned vuln");
  } else if (!can) {
    judging.Add(std::string(asked.section) + ".unscanned", asked.mode,
                report.scanner + " does not look for what \"" + std::string(asked.section) +
                    "\" asks about",
                "scan with trivy image --scanners " + named);
  } else {
    judging.Add(
        std::string(asked.section) + ".unscanned", Effect::kWarn,
        "nothing shows that anything was scanned for \"" + std::string(asked.section) + "\"",
        "scan with --scanners " + named + ", and say --scanned " + named);
  }
}

void JudgeClasses(const Judging& judging) {
  const ScanRule& rule = judging.evaluation.rule.scan;
  for (const ScanClass what : rule.classes) {
    if (LookedFor(judging.question, what)) continue;
    judging.Add("scan.classes", rule.mode, "not shown to be scanned for: " + Named(what),
                "scan with --scanners " + Named(what) + ", and say --scanned " + Named(what));
  }
}

void JudgeAge(const Judging& judging, std::string_view rule, std::string_view what,
              const std::optional<Time>& time, int64_t most) {
  const Time now = judging.question.now;
  const Effect mode = judging.evaluation.rule.scan.mode;
  const std::string named(what);
  if (most == 0) return;
  if (!time) {
    judging.Add(rule, mode, "the time of " + named + " is not known",
                rule == "scan.maxDatabaseAge" ? "say --database-time TIME (trivy version -f json)"
                                              : "scan with a newer scanner");
  } else if (IsOfTheFuture(*time, now)) {
    judging.Add(rule, mode, named + " is of the future: " + FormatTime(*time), "set the clock");
  } else if (now.ns - time->ns > most) {
    judging.Add(rule, mode,
                named + " is of " + FormatTime(*time) + ", older than " + FormatDuration(most),
                "scan again, with a fresh database");
  }
}

// Rules that need what only some reports have; without a vulnerability they are met all the same.
void JudgeKnowledge(const Judging& judging) {
  const Report& report = judging.question.report;
  const VulnerabilityRule& rule = judging.evaluation.rule.vulnerabilities;
  const bool any = std::ranges::any_of(report.findings, [](const ScanFinding& finding) {
    return finding.kind == FindingKind::kVulnerability;
  });
  if (!any) return;
  if (!report.has_exploited && !judging.question.claims.exploited) {
    judging.Add("knownExploited", rule.known_exploited,
                "which vulnerabilities are known to be exploited is not known",
                "give the catalogue with --exploited FILE, or scan with Grype");
  }
  // Each finding without one breaks the rule (scan/judge_findings.cc); this is what helps.
  if (!report.has_epss && (rule.epss_fail || rule.epss_warn)) {
    judging.evaluation.notes.emplace_back(
        "the report has no EPSS probabilities at all: Grype 0.92 or newer writes them");
  }
}

}  // namespace

void JudgeScan(const Judging& judging) {
  const Question& question = judging.question;
  const ScanRule& rule = judging.evaluation.rule.scan;
  for (const Asked& asked : AskedBy(judging.evaluation.rule)) JudgeAsked(judging, asked);
  JudgeClasses(judging);
  JudgeKnowledge(judging);
  JudgeAge(judging, "scan.maxAge", "the report", question.report.created, rule.max_age_ns);
  const auto& claimed = question.claims.database;
  JudgeAge(judging, "scan.maxDatabaseAge", "the vulnerability database",
           question.report.database ? question.report.database : claimed, rule.max_database_age_ns);
  if (question.report.shown.empty() && question.claims.classes.empty() &&
      !AsksVulnerabilities(judging.evaluation.rule)) {
    const std::string& why = question.report.passed_over;
    judging.Add("scan.coverage", Effect::kEnforce,
                why.empty() ? "nothing shows that anything was scanned" : why,
                "scan the image again");
  }
  if (judging.evaluation.image.by_name_only) {
    judging.Add(
        "scan.binding", Effect::kWarn,
        "nothing but its name, or layers that others may share, ties the report to the image",
        "scan with a scanner that writes the image's digests");
  }
}

}  // namespace runward
