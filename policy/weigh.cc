#include "policy/weigh.h"

#include <algorithm>
#include <array>

#include "base/glob.h"
#include "policy/wording.h"

namespace runward {
namespace {

using Envelopes = std::span<const FiledEnvelope>;
using Names = std::span<const std::string_view>;

std::string SignedBy(const CheckedEnvelope& envelope) {
  return "(" + FormatTime(envelope.verdict->time_verified) + ", key " + Quoted(envelope.key) + ")";
}

std::string Reasons(const Verdict& verdict) {
  constexpr size_t kMost = 3;
  std::string text;
  for (size_t i = 0; i < std::min(kMost, verdict.reasons.size()); ++i) {
    text += (i == 0 ? ": " : ", ") + Tame(verdict.reasons[i], 80);
  }
  if (verdict.reasons.size() > kMost) {
    text += " and " + std::to_string(verdict.reasons.size() - kMost) + " more";
  }
  return text;
}

bool Permits(const Verdict& verdict) {
  return verdict.result == VerdictResult::kPassed || verdict.result == VerdictResult::kWarned;
}

// Differences of times do not overflow, as sums might: both are nanoseconds since 1970.
bool InFuture(const Verdict& verdict, Time now) {
  return verdict.time_verified.ns - now.ns > kClockSkewNs;
}

bool FitsNames(const Verdict& verdict, Names names) {
  return names.empty() || std::ranges::any_of(names, [&](std::string_view pattern) {
           return GlobMatch(pattern, verdict.resource_uri);
         });
}

// Newer; of one moment, the one that permits less.
bool Outweighs(const Verdict& a, const Verdict& b) {
  if (a.time_verified != b.time_verified) return a.time_verified > b.time_verified;
  if (a.result != b.result) return a.result > b.result;
  return a.expires_at.value_or(Time{INT64_MAX}) < b.expires_at.value_or(Time{INT64_MAX});
}

// How long ago the verdict lapsed, by its own expiry and by the policy's maxAge; not positive while
// it stands.
struct Lapsed {
  int64_t expired = INT64_MIN;
  int64_t stale = INT64_MIN;
  [[nodiscard]] int64_t longest() const { return std::max(expired, stale); }
};
Lapsed LapseOf(const Verdict& verdict, const VerdictRule& rule, Time now) {
  Lapsed lapsed;
  if (verdict.expires_at) lapsed.expired = now.ns - verdict.expires_at->ns;
  if (rule.max_age_ns > 0) lapsed.stale = now.ns - verdict.time_verified.ns - rule.max_age_ns;
  return lapsed;
}

class Scale {
 public:
  Scale(const VerdictRule& rule, std::string_view profile, Envelopes filed, Names names, Time now)
      : rule_(rule), profile_(profile), filed_(filed), names_(names), now_(now) {}

  Weighed Read() {
    for (const FiledEnvelope& filed : filed_) NoteRevocation(filed);
    std::ranges::sort(revoked_payloads_);
    for (const FiledEnvelope& filed : filed_) Sort(filed);
    if (denies_ != nullptr && (permits_ == nullptr || !PermitIsNewer())) return Failed();
    if (permits_ != nullptr) return Permitted();
    if (revoked_whole_ != nullptr) return Revoked(*revoked_whole_);
    if (!rule_.required) return NotRequired();
    if (revoked_ != nullptr) return Revoked(*revoked_);
    return Unacceptable();
  }

 private:
  void NoteRevocation(const FiledEnvelope& filed) {
    if (!Speaks(filed) || filed.envelope->verdict->result != VerdictResult::kRevoked) return;
    const std::vector<std::string>& payloads = filed.envelope->verdict->revokes;
    if (payloads.empty()) Keep(revoked_whole_, *filed.envelope);
    for (const std::string& payload : payloads) {
      revoked_payloads_.emplace_back(payload, filed.envelope);
    }
  }

  // The revocation that ends this verdict, or null.
  [[nodiscard]] const CheckedEnvelope* RevocationOf(const CheckedEnvelope& envelope) const {
    if (revoked_whole_ != nullptr &&
        envelope.verdict->time_verified <= revoked_whole_->verdict->time_verified) {
      return revoked_whole_;
    }
    const auto found = std::ranges::lower_bound(revoked_payloads_, envelope.payload_sha256, {},
                                                &Revocation::first);
    const bool named = found != revoked_payloads_.end() && found->first == envelope.payload_sha256;
    return named ? found->second : nullptr;
  }

  void Sort(const FiledEnvelope& filed) {
    const CheckedEnvelope& envelope = *filed.envelope;
    if (!Speaks(filed)) {
      Reject(filed);
      return;
    }
    const Verdict& verdict = *envelope.verdict;
    if (verdict.result == VerdictResult::kRevoked) return;
    if (const CheckedEnvelope* revocation = RevocationOf(envelope)) {
      Keep(revoked_, *revocation);
    } else if (!Permits(verdict)) {
      Keep(denies_, envelope);
    } else if (InFuture(verdict, now_)) {
      Reject("verdict.future", "has only a verdict from the future " + SignedBy(envelope) +
                                   "; this node's clock says " + FormatTime(now_));
    } else if (!FitsNames(verdict, names_)) {
      Reject("verdict.other-name", "has a verdict for the name " + Quoted(verdict.resource_uri) +
                                       " " + SignedBy(envelope) + ", which profile " +
                                       Quoted(profile_) + " is not for");
    } else {
      Keep(permits_, envelope);
    }
  }

  static void Keep(const CheckedEnvelope*& kept, const CheckedEnvelope& envelope) {
    if (kept == nullptr || Outweighs(*envelope.verdict, *kept->verdict)) kept = &envelope;
  }

  void Reject(const FiledEnvelope& filed) {
    if (filed.envelope->verdict) {
      Reject("verdict.wrong-image",
             "has a verdict on file that speaks of another image " + SignedBy(*filed.envelope));
    } else {
      Reject(filed.envelope->rule, "has no acceptable verdict: " + Tame(filed.envelope->why));
    }
  }

  // Keeps the reason that tells most: the nearer an envelope came to counting, the more.
  void Reject(std::string_view rule, std::string clause) {
    constexpr std::array<std::string_view, 6> kTelling = {
        "verdict.malformed", "verdict.untrusted",  "verdict.wrong-image",
        /*any other*/ "",    "verdict.other-name", "verdict.future"};
    auto telling = std::ranges::find(kTelling, rule);
    if (telling == kTelling.end()) telling = std::ranges::find(kTelling, "");
    const auto weight = 1 + static_cast<size_t>(telling - kTelling.begin());
    if (weight <= rejected_weight_) return;
    rejected_weight_ = weight;
    rejected_rule_ = rule;
    rejected_clause_ = std::move(clause);
  }

  [[nodiscard]] bool PermitIsNewer() const {
    return permits_->verdict->time_verified > denies_->verdict->time_verified;
  }

  [[nodiscard]] Weighed Failed() const {
    return {.rule = "verdict.failed",
            .clause = "failed its verification " + SignedBy(*denies_) + Reasons(*denies_->verdict),
            .decided = denies_};
  }

  [[nodiscard]] static Weighed Revoked(const CheckedEnvelope& revocation) {
    return {
        .rule = "verdict.revoked",
        .clause = "had its verdict revoked " + SignedBy(revocation) + Reasons(*revocation.verdict),
        .decided = &revocation};
  }

  [[nodiscard]] static Weighed NotRequired() {
    return {.allowed = true, .rule = "verdict.not-required", .clause = "needs no verdict"};
  }

  [[nodiscard]] Weighed Permitted() const {
    const Verdict& verdict = *permits_->verdict;
    const Lapsed lapsed = LapseOf(verdict, rule_, now_);
    if (!rule_.required && lapsed.longest() > 0) return NotRequired();
    const bool warned = verdict.result == VerdictResult::kWarned;
    if (warned && rule_.required && !rule_.warn_allowed) {
      return {.rule = "verdict.warned",
              .clause = "passed its verification with warnings only, which profile " +
                        Quoted(profile_) + " does not allow " + SignedBy(*permits_) +
                        Reasons(verdict),
              .decided = permits_};
    }
    if (lapsed.longest() > 0) return LapsedVerdict(lapsed);
    Weighed passed = {.allowed = true,
                      .rule = warned ? "verdict.warned" : "verdict.passed",
                      .clause = "passed its verification " + SignedBy(*permits_),
                      .decided = permits_};
    if (warned) passed.warning = "passed its verification with warnings" + Reasons(verdict);
    return passed;
  }

  [[nodiscard]] Weighed LapsedVerdict(const Lapsed& lapsed) const {
    const bool expired = lapsed.expired > 0;
    std::string clause = expired ? "has a verdict that expired " + FormatDuration(lapsed.expired) +
                                       " ago " + SignedBy(*permits_)
                                 : "has a verdict older than the " +
                                       FormatDuration(rule_.max_age_ns) + " that profile " +
                                       Quoted(profile_) + " allows " + SignedBy(*permits_);
    const bool in_grace = rule_.expired == Lapse::kGrace && lapsed.longest() <= rule_.grace_ns;
    Weighed weighed = {.allowed = rule_.expired == Lapse::kWarn || in_grace,
                       .rule = expired ? "verdict.expired" : "verdict.stale",
                       .clause = clause,
                       .decided = permits_};
    if (weighed.allowed) weighed.warning = std::move(clause);
    if (in_grace) {
      weighed.warning += "; it starts for another " +
                         FormatDuration(rule_.grace_ns - lapsed.longest()) + " of grace";
    }
    return weighed;
  }

  [[nodiscard]] Weighed Unacceptable() const {
    if (rejected_weight_ == 0) return {.rule = "verdict.missing", .clause = "has no verdict"};
    return {.rule = rejected_rule_, .clause = rejected_clause_};
  }

  const VerdictRule& rule_;
  std::string_view profile_;
  Envelopes filed_;
  Names names_;
  Time now_;
  using Revocation = std::pair<std::string_view, const CheckedEnvelope*>;  // payload, by what
  std::vector<Revocation> revoked_payloads_;                               // sorted
  const CheckedEnvelope* permits_ = nullptr;
  const CheckedEnvelope* denies_ = nullptr;
  const CheckedEnvelope* revoked_whole_ = nullptr;  // the newest revocation of the whole image
  const CheckedEnvelope* revoked_ = nullptr;        // one that ended a verdict
  size_t rejected_weight_ = 0;
  std::string rejected_rule_;
  std::string rejected_clause_;
};

}  // namespace

bool Speaks(const FiledEnvelope& filed) {
  if (!filed.envelope->verdict) return false;
  const auto& subjects = filed.envelope->verdict->subjects;
  return std::ranges::find(subjects, *filed.digest) != subjects.end();
}

Weighed Weigh(const VerdictRule& rule, std::string_view profile, Envelopes filed, Names names,
              Time now) {
  return Scale(rule, profile, filed, names, now).Read();
}

}  // namespace runward
