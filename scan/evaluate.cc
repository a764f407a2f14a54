#include "scan/evaluate.h"

#include <algorithm>

#include "policy/decide.h"
#include "policy/match.h"
#include "policy/weigh.h"

namespace runward {
namespace {

Result<const Profile*> Govern(const Policy& policy, const KnownImage& image) {
  ImageEvidence evidence;
  evidence.prefixes = ChainIdsOf(image.diff_ids);
  evidence.chain = ChainIdOf(image.diff_ids);
  // A digest that stands for no layers: only the name can choose then.
  if (!evidence.chain && !image.chains.empty()) evidence.chain = image.chains.front();
  if (!evidence.chain) evidence.chain = image.configs.front();
  const std::string_view name = image.name;
  const Governing governing = FindProfile(policy, evidence, {&name, 1});
  if (governing.profile == nullptr) {
    return Error{"no profile of the policy matches \"" + image.name + "\"",
                 "name the image as the policy does, with --name, or add a profile"};
  }
  if (!governing.profile->image) {
    return Error{"profile \"" + std::string(governing.profile->name) +
                     "\" asks nothing of an image: it has no \"image\" section",
                 "add \"image\": { \"vulnerabilities\": { \"fail\": \"critical\" } } to it"};
  }
  return governing.profile;
}

std::string Listed(const Breach& breach, const Report& report) {
  if (!breach.finding) return breach.what;
  const ScanFinding& finding = report.findings[*breach.finding];
  return finding.package.empty() ? finding.id + " (" + finding.place + ")"
                                 : finding.id + " (" + finding.package + ")";
}

EvaluationResult ResultOf(const std::vector<Breach>& breaches) {
  const auto has = [&](Effect effect) {
    return std::ranges::find(breaches, effect, &Breach::effect) != breaches.end();
  };
  if (has(Effect::kEnforce)) return EvaluationResult::kFailed;
  return has(Effect::kWarn) ? EvaluationResult::kWarned : EvaluationResult::kPassed;
}

}  // namespace

void Judging::Add(std::string_view rule, Effect effect, std::string what,
                  std::string remedy) const {
  if (effect == Effect::kOff) return;
  evaluation.breaches.push_back({std::string(rule), effect, std::move(what), std::move(remedy)});
}

bool IsOfTheFuture(Time time, Time now) { return time > now && time.ns - now.ns > kClockSkewNs; }

bool LookedFor(const Question& question, ScanClass what) {
  const auto in = [what](const std::vector<ScanClass>& list) {
    return std::ranges::find(list, what) != list.end();
  };
  return in(question.report.shown) || in(question.claims.classes);
}

std::vector<std::string> ReasonsOf(const Evaluation& evaluation, const Report& report,
                                   Effect effect) {
  constexpr size_t kListed = 5;
  struct Lines {
    std::string rule;
    size_t count = 0;
    std::string text;
  };
  std::vector<Lines> rules;
  for (const Breach& breach : evaluation.breaches) {
    if (breach.effect != effect) continue;
    auto lines = std::ranges::find(rules, breach.rule, &Lines::rule);
    if (lines == rules.end()) lines = rules.insert(rules.end(), {breach.rule});
    if (++lines->count > kListed) continue;
    lines->text += (lines->text.empty() ? "" : ", ") + Listed(breach, report);
  }
  std::vector<std::string> reasons;
  for (const Lines& lines : rules) {
    const std::string more =
        lines.count > kListed ? " and " + std::to_string(lines.count - kListed) + " more" : "";
    reasons.push_back(lines.rule + ": " + lines.text + more);
  }
  return reasons;
}

Result<Evaluation> Evaluate(const Question& question) {
  const Report& report = question.report;
  if (report.format == ReportFormat::kSarif) {
    return Error{"\"" + report.file + "\" is SARIF, which can be shown but not judged: it names " +
                     "neither package nor fix nor image in a way that scanners agree on",
                 "let the scanner write JSON: trivy image --format json, grype -o json"};
  }
  Evaluation evaluation;
  evaluation.image = TRY(BindImage(report, question.image));
  if (evaluation.image.name.empty()) {
    return Error{"the image has no name that a policy could match",
                 "give it one with --name registry.example.com/web/app:1.2"};
  }
  const Profile* profile = TRY(Govern(question.policy, evaluation.image));
  evaluation.profile = profile->name;
  evaluation.rule = ReadImageRule(profile->image);
  const Judging judging{question, evaluation};
  JudgeFindings(judging);
  JudgeImageFacts(judging);
  JudgeScan(judging);
  evaluation.result = ResultOf(evaluation.breaches);
  evaluation.failed = ReasonsOf(evaluation, report, Effect::kEnforce);
  evaluation.warned = ReasonsOf(evaluation, report, Effect::kWarn);
  return evaluation;
}

}  // namespace runward
