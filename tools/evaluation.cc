#include "tools/evaluation.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace runward {
namespace {

struct Format {
  std::string_view name;
  EvaluationFormat format;
};
constexpr std::array<Format, 7> kFormats = {{{"text", EvaluationText},
                                             {"json", EvaluationJson},
                                             {"sarif", EvaluationSarif},
                                             {"junit", EvaluationJunit},
                                             {"gitlab", EvaluationGitlab},
                                             {"github", EvaluationGithub},
                                             {"markdown", EvaluationMarkdown}}};

Severity SeverityOf(const Problem& problem) {
  return problem.finding == nullptr ? Severity::kUnknown : problem.finding->severity;
}

Action::Kind KindOf(const Problem& problem) {
  if (problem.finding == nullptr) {
    const std::string& rule = problem.breaches.front()->rule;
    const bool image = rule == "root" || rule == "endOfLife" || rule.starts_with("labels") ||
                       rule.starts_with("bases") || rule.starts_with("packages");
    return image ? Action::Kind::kImage : Action::Kind::kScan;
  }
  switch (problem.finding->kind) {
    case FindingKind::kVulnerability:
      return HasFix(*problem.finding) ? Action::Kind::kUpgrade : Action::Kind::kWait;
    case FindingKind::kSecret:
      return Action::Kind::kSecret;
    case FindingKind::kMisconfiguration:
      return Action::Kind::kConfiguration;
    case FindingKind::kLicense:
      return Action::Kind::kLicense;
  }
  return Action::Kind::kScan;
}

// Which of two versions is the newer one, as people read them: runs of digits are numbers. Only for
// showing: no ecosystem's own rules.
bool OlderVersion(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  while (!a.empty() && !b.empty()) {
    size_t n = 0;
    size_t m = 0;
    while (n < a.size() && digit(a[n])) ++n;
    while (m < b.size() && digit(b[m])) ++m;
    if (n != m && n != 0 && m != 0) return n < m;
    const size_t take = std::max<size_t>(1, std::min(n, m));
    const int order = a.substr(0, take).compare(b.substr(0, take));
    if (order != 0) return order < 0;
    a.remove_prefix(take);
    b.remove_prefix(take);
  }
  return a.size() < b.size();
}

// What an action is about: problems that one deed ends.
std::string SubjectOf(const Problem& problem) {
  if (problem.finding == nullptr) return problem.breaches.front()->what;
  const ScanFinding& finding = *problem.finding;
  if (finding.kind != FindingKind::kVulnerability) return finding.id + " in " + finding.place;
  return finding.package + (finding.version.empty() ? "" : " " + finding.version);
}

std::string WhatOf(const Action& action, const std::string& subject) {
  if (action.kind != Action::Kind::kUpgrade) return subject;
  std::string_view newest;
  for (const Problem* problem : action.problems) {
    if (newest.empty() || OlderVersion(newest, problem->finding->fixed)) {
      newest = problem->finding->fixed;
    }
  }
  return subject + " → " + std::string(newest.empty() ? kUnnamedFix : newest);
}

}  // namespace

std::string_view ResultText(EvaluationResult result) {
  switch (result) {
    case EvaluationResult::kPassed:
      return "PASSED";
    case EvaluationResult::kWarned:
      return "PASSED with warnings";
    case EvaluationResult::kFailed:
      return "FAILED";
  }
  return "";
}

std::vector<Problem> ProblemsOf(const Evaluated& evaluated) {
  std::vector<Problem> problems;
  if (!evaluated.evaluation) return problems;
  std::map<size_t, size_t> by_finding;
  for (const Breach& breach : evaluated.evaluation->breaches) {
    size_t at = problems.size();
    if (breach.finding) at = by_finding.try_emplace(*breach.finding, at).first->second;
    if (at == problems.size()) problems.emplace_back();
    Problem& problem = problems[at];
    if (breach.finding) problem.finding = &evaluated.report.findings[*breach.finding];
    problem.effect = std::max(problem.effect, breach.effect);
    problem.breaches.push_back(&breach);
  }
  std::ranges::stable_sort(problems, [](const Problem& a, const Problem& b) {
    return std::tuple(a.effect, SeverityOf(a)) > std::tuple(b.effect, SeverityOf(b));
  });
  return problems;
}

std::string_view ActionTitle(Action::Kind kind) {
  switch (kind) {
    case Action::Kind::kUpgrade:
      return "Upgrade";
    case Action::Kind::kWait:
      return "No fix yet: replace, wait, or except with a reason";
    case Action::Kind::kSecret:
      return "Secrets: remove from the layers, and replace";
    case Action::Kind::kConfiguration:
      return "Change the configuration";
    case Action::Kind::kLicense:
      return "Licences";
    case Action::Kind::kImage:
      return "Change the image";
    case Action::Kind::kScan:
      return "The scan and the policy";
  }
  return "";
}

std::vector<Action> ActionsOf(const std::vector<Problem>& problems) {
  std::vector<Action> actions;
  std::map<std::pair<Action::Kind, std::string>, size_t> known;
  for (const Problem& problem : problems) {
    const Action::Kind kind = KindOf(problem);
    const auto [entry, fresh] = known.try_emplace({kind, SubjectOf(problem)}, actions.size());
    if (fresh) actions.push_back({.kind = kind, .effect = problem.effect, .what = {}});
    actions[entry->second].problems.push_back(&problem);
  }
  for (const auto& [subject, at] : known) actions[at].what = WhatOf(actions[at], subject.second);
  std::ranges::stable_sort(actions, [](const Action& a, const Action& b) {
    return std::tuple(a.kind, b.effect) < std::tuple(b.kind, a.effect);
  });
  return actions;
}

EvaluationFormat FindFormat(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : found->format;
}

std::string FormatNames() {
  std::string names;
  for (const Format& format : kFormats) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

}  // namespace runward
