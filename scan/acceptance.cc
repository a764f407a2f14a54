#include "scan/acceptance.h"

#include <algorithm>

#include "scan/purl.h"

namespace runward {
namespace {

ImageView ViewOf(const KnownImage& image) {
  ImageView view{.digests = image.manifests, .name = image.name};
  view.digests.insert(view.digests.end(), image.configs.begin(), image.configs.end());
  view.digests.insert(view.digests.end(), image.chains.begin(), image.chains.end());
  return view;
}

bool Fits(const PolicyException& exception, const ScanFinding& finding, const std::string& image) {
  const auto of_package = [&](const std::string& pattern) {
    return FitsPackage(pattern, finding.package, finding.purl);
  };
  return AcceptsById(finding, [&](std::string_view id) { return FitsFolded(exception.id, id); }) &&
         (exception.images.empty() || FitsAnyFolded(exception.images, image)) &&
         (exception.packages.empty() || std::ranges::any_of(exception.packages, of_package));
}

Idle Over(const ScanFinding& finding, const std::string& where, Time end) {
  const std::string over = " in " + where + " expired " + FormatTime(end);
  return {"the exception for " + finding.id + over, ", its exception" + over};
}

Idle Early(const ScanFinding& finding, const Exception& statement) {
  const std::string early =
      " in " + statement.source + " is of the future, " + FormatTime(*statement.made);
  return {"the VEX statement on " + finding.id + early, ", its VEX statement" + early};
}

}  // namespace

Acceptance::Acceptance(const Question& question, Evaluation& evaluation)
    : question_(question), evaluation_(evaluation), view_(ViewOf(evaluation.image)) {}

bool Acceptance::ByPolicy(size_t index, Idle& idle) {
  const ScanFinding& finding = question_.report.findings[index];
  for (const PolicyException& one : evaluation_.rule.exceptions) {
    if (!Fits(one, finding, view_.name)) continue;
    if (one.expires && *one.expires < question_.now) {
      idle = Over(finding, "the policy", *one.expires);
      continue;
    }
    evaluation_.accepted.push_back({index, "policy", one.reason, one.expires});
    if (!one.expires) WarnWithoutEnd(finding, "the policy");
    return true;
  }
  return false;
}

bool Acceptance::FromOutside(size_t index, Idle& idle) {
  const ScanFinding& finding = question_.report.findings[index];
  const ImageRule& rule = evaluation_.rule;
  if (finding.suppressed && rule.accept_ignore) {
    evaluation_.accepted.push_back({index, "scanner", "the scanner was told to", std::nullopt});
    return true;
  }
  if (rule.accept_ignore && ByIgnoreFile(index, idle)) return true;
  const Exception* newest = rule.accept_vex ? NewestStatement(finding, idle) : nullptr;
  if (newest == nullptr || !newest->accepts) return false;
  evaluation_.accepted.push_back({index, newest->source, newest->reason, std::nullopt});
  return true;
}

bool Acceptance::ByIgnoreFile(size_t index, Idle& idle) {
  const ScanFinding& finding = question_.report.findings[index];
  for (const Exception& one : question_.exceptions) {
    const bool vex = one.origin == Exception::Origin::kVex;
    if (vex || !SpeaksOf(one, finding, view_)) continue;
    if (one.expires && *one.expires < question_.now) {
      idle = Over(finding, one.source, *one.expires);
      continue;
    }
    evaluation_.accepted.push_back({index, one.source, one.reason, one.expires});
    if (!one.expires) WarnWithoutEnd(finding, one.source);
    return true;
  }
  return false;
}

// Of two that are as new the one that does not accept. What accepts does so from its own time on;
// what does not ends older ones at once.
const Exception* Acceptance::NewestStatement(const ScanFinding& finding, Idle& idle) const {
  const Exception* newest = nullptr;
  for (const Exception& one : question_.exceptions) {
    const bool vex = one.origin == Exception::Origin::kVex;
    if (!vex || !SpeaksOf(one, finding, view_)) continue;
    const Time made = one.made.value_or(Time{});
    if (one.accepts && IsOfTheFuture(made, question_.now)) {
      idle = Early(finding, one);
      continue;
    }
    const Time known = newest == nullptr ? Time{} : newest->made.value_or(Time{});
    if (newest == nullptr || made > known || (made == known && !one.accepts)) newest = &one;
  }
  return newest;
}

void Acceptance::WarnWithoutEnd(const ScanFinding& finding, const std::string& where) {
  evaluation_.breaches.push_back(
      {"exceptions.expires", Effect::kWarn,
       "the exception for " + finding.id + " in " + where + " has no end", "give it a date"});
}

}  // namespace runward
