#include <algorithm>

#include "scan/evaluate.h"
#include "scan/purl.h"

// What is asked of the image itself: its user, labels, base, distribution and packages. What the
// report does not say cannot be met: the rule is broken.
namespace runward {
namespace {

constexpr std::string_view kNoFacts =
    "the report does not have the image's configuration (Trivy's JSON and Grype's of a scanned "
    "image do)";

bool IsRoot(std::string_view user) {
  user = user.substr(0, user.find(':'));
  if (user.starts_with('+') || user.starts_with('-')) user.remove_prefix(1);  // runtimes read "+0"
  return user.empty() || user == "root" || user.find_first_not_of('0') == std::string_view::npos;
}

void JudgeRoot(const Judging& judging) {
  const Effect effect = judging.evaluation.rule.root;
  const Report& report = judging.question.report;
  if (effect == Effect::kOff) return;
  if (!report.facts_known) {
    judging.Add("root", effect, "the image's user is not known: " + std::string(kNoFacts));
  } else if (IsRoot(report.user)) {
    judging.Add("root", effect, "the image's process starts as root",
                "set USER in the Dockerfile to another user");
  }
}

void JudgeLabels(const Judging& judging) {
  const ListRule& rule = judging.evaluation.rule.labels;
  const Report& report = judging.question.report;
  if (!rule.asks()) return;
  if (!report.facts_known) {
    judging.Add("labels.required", rule.mode,
                "the image's labels are not known: " + std::string(kNoFacts));
    return;
  }
  for (const std::string& name : rule.deny) {
    const bool there = std::ranges::any_of(report.labels, [&](const auto& label) {
      return label.first == name && !label.second.empty();
    });
    if (there) continue;
    judging.Add("labels.required", rule.mode, "the image has no label \"" + name + "\"",
                "add LABEL " + name + "=… to the Dockerfile");
  }
}

void JudgeBase(const Judging& judging) {
  const ListRule& rule = judging.evaluation.rule.bases;
  if (!rule.asks()) return;
  const std::vector<Digest> prefixes = ChainIdsOf(judging.evaluation.image.diff_ids);
  if (prefixes.empty()) {
    judging.Add("bases.allow", rule.mode, "the image's layers are not known");
    return;
  }
  const bool there = std::ranges::any_of(prefixes, [&](const Digest& chain) {
    return std::ranges::find(*rule.allow, chain.text()) != rule.allow->end();
  });
  if (!there) {
    judging.Add("bases.allow", rule.mode, "the image stands on none of the permitted bases",
                "build it FROM a permitted image");
  }
}

void JudgeEndOfLife(const Judging& judging) {
  const Effect effect = judging.evaluation.rule.end_of_life;
  const Report& report = judging.question.report;
  if (report.end_of_life.value_or(false)) {
    judging.Add("endOfLife", effect, report.os + " gets no more fixes",
                "build on a newer release of the distribution");
  } else if (!report.end_of_life && (report.format != ReportFormat::kTrivy || !report.os.empty() ||
                                     !report.passed_over.empty())) {
    judging.Add(
        "endOfLife", effect,
        "whether the distribution still gets fixes is not known: only Trivy's JSON says so, "
        "of a scan of its packages, and Grype's of those that get none");
  }
}

void JudgePackages(const Judging& judging) {
  const ListRule& rule = judging.evaluation.rule.packages;
  const Report& report = judging.question.report;
  if (!rule.asks()) return;
  if (!report.packages_listed) {
    judging.Add("packages.deny", rule.mode, "the report does not list the image's packages",
                "scan with trivy image --format json --list-all-pkgs");
    return;
  }
  const auto fits = [](const std::vector<std::string>& patterns, const Package& package) {
    return std::ranges::any_of(patterns, [&](const std::string& one) {
      return FitsPackage(one, package.name, package.purl);
    });
  };
  // CycloneDX lists files of packages beside them, which have no URL.
  const bool by_url =
      report.format != ReportFormat::kCycloneDx && std::ranges::any_of(rule.deny, IsPurl);
  for (const Package& package : report.packages) {
    if (by_url && !Purl::Parse(package.purl)) {
      judging.Add("packages.deny", rule.mode, "the report has no package URL of " + package.name,
                  "scan with Trivy 0.49 or newer");
    }
    const std::string named = package.name + " " + package.version;
    if (fits(rule.deny, package)) {
      judging.Add("packages.deny", rule.mode, named + " may not be in an image",
                  "remove " + package.name);
    } else if (rule.allow && !fits(*rule.allow, package)) {
      judging.Add("packages.allow", rule.mode, named + " is none of the permitted packages",
                  "remove " + package.name);
    }
  }
}

}  // namespace

void JudgeImageFacts(const Judging& judging) {
  JudgeRoot(judging);
  JudgeLabels(judging);
  JudgeBase(judging);
  JudgeEndOfLife(judging);
  JudgePackages(judging);
}

}  // namespace runward
