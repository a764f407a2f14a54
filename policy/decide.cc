#include "policy/decide.h"

#include <algorithm>

#include "policy/match.h"
#include "policy/weigh.h"
#include "policy/wording.h"

namespace runward {
namespace {

// What the store holds about one image that may be the one: the envelopes of the layers' chain and
// of one image config. Several configs can stand behind the same layers.
struct Candidate {
  const Digest* config = nullptr;  // null: none of its own
  std::vector<FiledEnvelope> filed;
};

void Collect(const std::vector<FoundEnvelopes>& found, const Digest& digest,
             std::vector<FiledEnvelope>& out) {
  for (const FoundEnvelopes& file : found) {
    if (file.digest != digest) continue;
    for (const CheckedEnvelope& envelope : file.envelopes) out.push_back({&envelope, &file.digest});
  }
}

// One candidate for each config with envelopes of its own, and one for all that have none.
std::vector<Candidate> CandidatesOf(const ImageEvidence& image,
                                    const std::vector<FoundEnvelopes>& found) {
  Candidate bare;
  Collect(found, *image.chain, bare.filed);
  std::vector<Candidate> candidates;
  bool some_without = image.configs.empty();
  for (const Digest& config : image.configs) {
    Candidate candidate = {.config = &config, .filed = bare.filed};
    Collect(found, config, candidate.filed);
    if (candidate.filed.size() == bare.filed.size()) {
      some_without = true;
    } else {
      candidates.push_back(std::move(candidate));
    }
  }
  if (some_without) candidates.push_back(std::move(bare));
  return candidates;
}

std::vector<std::string_view> SignedNames(const std::vector<FiledEnvelope>& filed) {
  std::vector<std::string_view> names;
  for (const FiledEnvelope& one : filed) {
    if (!Speaks(one) || one.envelope->verdict->resource_uri.empty()) continue;
    const std::string_view name = one.envelope->verdict->resource_uri;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

class Gate {
 public:
  Gate(const Policy& policy, const ImageEvidence& image, const std::vector<FoundEnvelopes>& found,
       Start start, Time now)
      : policy_(policy), image_(image), found_(found), start_(start), now_(now) {}

  Decision Run() {
    if (!image_.chain) return Unidentified();
    Decision worst;
    bool first = true;
    for (const Candidate& candidate : CandidatesOf(image_, found_)) {
      Decision decision = Decide(candidate);
      if (first || decision.outcome > worst.outcome) worst = std::move(decision);
      first = false;
    }
    return worst;
  }

 private:
  // Rules for what has no identity: a listed path is allowed, anything else is refused.
  Decision Unidentified() {
    const Governing governing = FindProfile(policy_, image_, {});
    Decision decision = Begin(governing);
    if (governing.by == MatchedBy::kRootfs) {
      decision.rule = "rootfs.listed";
      decision.vouched_for = true;
      decision.reason = "the root filesystem " + Quoted(image_.rootfs) + " is listed by profile " +
                        Quoted(governing.profile->name);
      return Restored(std::move(decision), governing);
    }
    decision.rule = "image.unidentified";
    decision.reason = "the root filesystem ";
    if (!image_.rootfs.empty()) decision.reason += Quoted(image_.rootfs) + " ";
    decision.reason += "has no image identity";
    if (!image_.why.empty()) decision.reason += ": " + Tame(image_.why);
    decision.hint = "run an image that the engine pulled or loaded, or ";
    // A path that somebody else could exchange is none to list.
    decision.hint += image_.rootfs.empty() ? "mend what stands here against its root filesystem"
                                           : "list the path in a profile's match.rootfs";
    return Refused(std::move(decision), governing);
  }

  Decision Decide(const Candidate& candidate) {
    const std::vector<std::string_view> names = SignedNames(candidate.filed);
    const Governing governing = FindProfile(policy_, image_, names);
    Decision decision = Begin(governing);
    if (governing.by == MatchedBy::kSignedName) {
      decision.image = governing.name;
      decision.image_signed = true;
    } else if (!names.empty()) {
      decision.image = names.front();
      decision.image_signed = true;
    }
    if (governing.profile == nullptr) return Unmatched(std::move(decision), candidate, governing);
    const Weighed weighed = WeighFor(governing, candidate);
    return Judged(std::move(decision), weighed, candidate, governing);
  }

  Decision Unmatched(Decision decision, const Candidate& candidate, const Governing& governing) {
    if (policy_.allow_unmatched) {
      // What a trusted key says against an image counts here too.
      const VerdictRule none = {.required = false};
      Weighed weighed = Weigh(none, "", candidate.filed, {}, now_);
      if (weighed.allowed) {
        weighed = {.allowed = true,
                   .rule = "image.unmatched",
                   .clause = "is matched by no profile, and the policy allows that",
                   .decided = weighed.decided};
      }
      return Judged(std::move(decision), weighed, candidate, governing);
    }
    const Weighed weighed = Weigh({}, "", candidate.filed, {}, now_);
    decision.rule = "image.unmatched";
    decision.reason = Subject(decision, candidate) + " is matched by no profile of the policy";
    if (!weighed.allowed) decision.reason += ", and " + weighed.clause;
    decision.hint = "runwardctl policy explain --chain " + image_.chain->text();
    return Refused(std::move(decision), governing);
  }

  // A base's verdict stands in for the layers upon it, unless those have one of their own.
  Weighed WeighFor(const Governing& governing, const Candidate& candidate) const {
    const Profile& profile = *governing.profile;
    const bool own = std::ranges::any_of(candidate.filed, Speaks);
    if (governing.by == MatchedBy::kBaseChain && !own) {
      std::vector<FiledEnvelope> filed;
      Collect(found_, *Digest::Parse(governing.element), filed);
      Weighed weighed = Weigh(profile.verdict, profile.name, filed, {}, now_);
      const std::string base = "stands on the base " + std::string(governing.element) + ", which ";
      weighed.clause = base + weighed.clause;
      if (!weighed.warning.empty()) weighed.warning = base + weighed.warning;
      return weighed;
    }
    std::span<const std::string_view> names;
    if (governing.by == MatchedBy::kSignedName) names = profile.match.images;
    return Weigh(profile.verdict, profile.name, candidate.filed, names, now_);
  }

  Decision Judged(Decision decision, const Weighed& weighed, const Candidate& candidate,
                  const Governing& governing) const {
    const std::string subject = Subject(decision, candidate);
    decision.rule = weighed.rule;
    decision.reason = subject + " " + weighed.clause;
    if (!weighed.warning.empty()) decision.warnings.push_back(subject + " " + weighed.warning);
    if (weighed.decided != nullptr) {
      decision.verdict_sha256 = weighed.decided->payload_sha256;
      decision.key = weighed.decided->key;
    }
    const bool named = governing.by == MatchedBy::kSignedName || governing.by == MatchedBy::kChain;
    const bool signed_too = governing.by == MatchedBy::kEverything && weighed.decided != nullptr;
    decision.vouched_for = weighed.allowed && (named || signed_too);
    if (weighed.allowed) return Restored(std::move(decision), governing);
    decision.hint = weighed.rule == "verdict.missing"
                        ? "runwardctl policy explain --chain " + image_.chain->text()
                        : "runwardctl verdict show " + ShownDigest(candidate, governing);
    return Refused(std::move(decision), governing);
  }

  // Under which digest a person finds what decided.
  [[nodiscard]] std::string ShownDigest(const Candidate& candidate,
                                        const Governing& governing) const {
    const bool own = std::ranges::any_of(candidate.filed, Speaks);
    if (governing.by == MatchedBy::kBaseChain && !own) return std::string(governing.element);
    return image_.chain->text();
  }

  // A checkpoint brings memory and processes that no verdict has seen.
  [[nodiscard]] Decision Restored(Decision decision, const Governing& governing) const {
    decision.outcome = Outcome::kAllow;
    if (start_ != Start::kRestore) return decision;
    if (governing.profile != nullptr && governing.profile->restore_allowed) return decision;
    decision.rule = "restore.controls";
    decision.reason = governing.profile == nullptr
                          ? "no profile allows this checkpoint to be restored"
                          : "profile " + Quoted(governing.profile->name) +
                                " does not allow a checkpoint to be restored";
    decision.hint = "start the container anew, or set \"restore\": \"allow\" in its profile";
    return Refused(std::move(decision), governing);
  }

  static Decision Refused(Decision decision, const Governing& governing) {
    const bool audit = governing.profile != nullptr && governing.profile->mode == Mode::kAudit;
    decision.outcome = audit ? Outcome::kWouldDeny : Outcome::kDeny;
    return decision;
  }

  [[nodiscard]] Decision Begin(const Governing& governing) const {
    Decision decision;
    if (governing.profile != nullptr) {
      decision.profile = governing.profile->name;
      decision.mode = governing.profile->mode;
    }
    decision.image = image_.unsigned_name;
    return decision;
  }

  [[nodiscard]] std::string Subject(const Decision& decision, const Candidate& candidate) const {
    std::string subject = "image ";
    if (!decision.image.empty()) subject += Quoted(decision.image) + " ";
    subject += "(" + image_.chain->text();
    if (image_.configs.size() > 1 && candidate.config != nullptr) {
      subject += ", perhaps config " + candidate.config->text();
    }
    return subject + ")";
  }

  const Policy& policy_;
  const ImageEvidence& image_;
  const std::vector<FoundEnvelopes>& found_;
  Start start_;
  Time now_;
};

}  // namespace

Decision Decide(const Policy& policy, const ImageEvidence& image,
                const std::vector<FoundEnvelopes>& found, Start start, Time now) {
  return Gate(policy, image, found, start, now).Run();
}

Decision WithExposure(Decision decision, const std::string& exposed) {
  if (exposed.empty()) return decision;
  return WithObstacle(std::move(decision), "bundle.exposed", exposed,
                      "give the runtime a bundle that only root can write");
}

Decision WithObstacle(Decision decision, const std::string& rule, const std::string& reason,
                      const std::string& hint) {
  if (decision.outcome != Outcome::kAllow) return decision;
  decision.outcome = decision.mode == Mode::kEnforce ? Outcome::kDeny : Outcome::kWouldDeny;
  decision.rule = rule;
  decision.reason = reason;
  decision.hint = hint;
  return decision;
}

}  // namespace runward
