#include "tools/lapsed_container.h"

#include <algorithm>
#include <array>

#include "oci/load.h"
#include "tools/policy_subject.h"

namespace runward {
namespace {

// Whether it is the verdict that stands against a start, and has come to do so since this one.
bool HasLapsed(const Record& record, const Decision& now) {
  constexpr std::array<std::string_view, 4> kBad = {"verdict.expired", "verdict.failed",
                                                    "verdict.revoked", "verdict.stale"};
  if (now.outcome == Outcome::kAllow || !now.rule.starts_with("verdict.")) return false;
  const bool by_verdict = record.rule.starts_with("verdict.") && !record.would_deny &&
                          record.rule != "verdict.not-required";
  return by_verdict || std::ranges::find(kBad, now.rule) != kBad.end();
}

void TakeRule(const Policy& policy, LapsedContainer& lapsed) {
  const auto profile = std::ranges::find(policy.profiles, lapsed.decision.profile, &Profile::name);
  if (profile == policy.profiles.end()) return;
  lapsed.stop = profile->verdict.stop_lapsed && lapsed.decision.outcome == Outcome::kDeny;
  lapsed.grace_ns = profile->verdict.stop_grace_ns;
}

}  // namespace

Result<std::vector<LapsedContainer>> FindLapsedContainers(const Paths& paths, const Policy& policy,
                                                          Time now, const StatusOf& status) {
  std::vector<LapsedContainer> all;
  for (PolicySubject& subject : TRY(AllContainerSubjects(paths))) {
    const ImageEvidence image = EvidenceOf(subject);
    const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(paths, policy, image));
    Decision decision = Decide(policy, image, found, Start::kCreate, now);
    if (!HasLapsed(*subject.record, decision)) continue;
    LapsedContainer lapsed{.record = *std::move(subject.record), .decision = std::move(decision)};
    lapsed.status = status(lapsed.record);
    if (lapsed.status.empty() || lapsed.status == "stopped") continue;
    lapsed.key = RecordKey(lapsed.record.root, lapsed.record.id);
    lapsed.policy = policy.digest;
    TakeRule(policy, lapsed);
    all.push_back(std::move(lapsed));
  }
  return all;
}

}  // namespace runward
