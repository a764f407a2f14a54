#include "tools/config_explanation.h"

#include "base/event_text.h"
#include "oci/our_hook.h"
#include "oci/resulting_config.h"
#include "oci/start_controls.h"
#include "tools/config_difference.h"

namespace runward {
namespace {

// The steps of shim/gate_start.cc.
Result<ResultingConfig> Become(const Paths& paths, const PolicySubject& subject, Mode mode,
                               const std::vector<std::string>& denied) {
  ResultingConfig result(*subject.config, subject.file);
  TRY(result.DropOldHook());
  if (mode == Mode::kAudit) return result;
  TRY(result.Deny(denied));
  if (subject.cover.uncertain) {
    const HookEntry hook = TRY(OurHookFor(paths, subject.image.rootfs, {}));
    TRY(result.AddHook(hook));
  }
  return result;
}

std::string FindingRows(const std::vector<RunFinding>& findings) {
  if (findings.empty()) return ExplainRow("controls", "nothing asked for exceeds them");
  std::string rows;
  for (const RunFinding& finding : findings) {
    rows += ExplainRow("control", "run." + finding.control + ": asked for " + finding.asked +
                                      "; allowed: " + finding.allowed);
  }
  return rows;
}

std::string ReasonRows(const PolicySubject& subject, const std::vector<std::string>& denied) {
  std::string rows;
  const std::string closed = WouldClose(*subject.config, denied);
  if (!closed.empty()) rows += ExplainRow("syscalls", closed);
  if (!WithoutOurHook(*subject.config).empty()) {
    rows += ExplainRow("hook", "the check of the root that an earlier start left is taken out");
  }
  if (subject.cover.uncertain) {
    rows +=
        ExplainRow("hook",
                   "a mount lies inside another volume, which may turn it elsewhere: in enforce "
                   "mode runward-hook looks at the root once all mounts are made");
  }
  return rows;
}

}  // namespace

std::string ExplainRow(const std::string& head, const std::string& text) {
  return "  " + head + std::string(head.size() < 10 ? 10 - head.size() : 1, ' ') + Printable(text) +
         "\n";
}

Result<ConfigExplanation> ExplainConfig(const Paths& paths, const Policy& policy,
                                        const PolicySubject& subject, Decision decision) {
  decision = WithExposure(std::move(decision), subject.exposed);
  if (decision.outcome == Outcome::kDeny) return ConfigExplanation{.decision = decision};
  const StartControls controls =
      TRY(JudgeStart(paths, RuleOf(policy, decision.profile),
                     {*subject.config, subject.bundle, subject.image.rootfs}));
  ConfigExplanation explanation{.decision = WithFindings(std::move(decision), controls.findings),
                                .rows = FindingRows(controls.findings)};
  if (explanation.decision.outcome == Outcome::kDeny) {
    explanation.rows += ExplainRow("becomes", "nothing: it does not start");
    return explanation;
  }
  const std::vector<std::string>& denied = controls.rule.denied_syscalls;
  const ResultingConfig now = TRY(Become(paths, subject, explanation.decision.mode, denied));
  const ResultingConfig enforced = TRY(Become(paths, subject, Mode::kEnforce, denied));
  explanation.text = now.text();
  explanation.rows += ExplainRow("becomes", now.changed() ? "another text, with the changes below"
                                                          : "itself: nothing is changed");
  const auto differs = [&](const ResultingConfig& other, const std::string& as) {
    explanation.difference +=
        ConfigDifference(subject.config->text(), other.text(), subject.file, as);
  };
  differs(now, subject.file + " (as it would be started)");
  if (now.text() != enforced.text()) {
    explanation.rows += ExplainRow("enforced", "it would become another, with the changes below");
    differs(enforced, subject.file + " (as enforce mode would start it)");
  }
  explanation.rows += ReasonRows(subject, denied);
  return explanation;
}

}  // namespace runward
