#include <algorithm>
#include <map>
#include <set>

#include "oci/verdict_store.h"
#include "policy/dsse.h"
#include "policy/weigh.h"
#include "tools/refresh.h"
#include "tools/verdict.h"

namespace runward {
namespace {

using Stored = std::vector<StoredVerdict>;

bool Denies(const Verdict& verdict) { return verdict.result == VerdictResult::kFailed; }

bool Revokes(const Verdict& revocation, const StoredVerdict& one) {
  if (revocation.result != VerdictResult::kRevoked) return false;
  if (revocation.revokes.empty()) {
    return one.checked.verdict->time_verified <= revocation.time_verified;
  }
  return std::ranges::find(revocation.revokes, one.checked.payload_sha256) !=
         revocation.revokes.end();
}

// Newer; of one moment, the one that permits less, as a start weighs them (policy/weigh.h).
bool Replaces(const StoredVerdict& a, const StoredVerdict& b) {
  const Verdict& left = *a.checked.verdict;
  const Verdict& right = *b.checked.verdict;
  if (left.time_verified != right.time_verified) return left.time_verified > right.time_verified;
  if (left.result != right.result) return left.result > right.result;
  return a.checked.payload_sha256 > b.checked.payload_sha256;
}

class Selection {
 public:
  Selection(const Stored& stored, Time now) : stored_(stored), now_(now) {
    for (const StoredVerdict& one : stored) {
      for (const Digest& digest : one.checked.verdict->subjects) about_[digest].push_back(&one);
    }
    for (const StoredVerdict& one : stored) {
      const auto related = Related(one);
      const bool ended = std::ranges::any_of(related, [&](const StoredVerdict* other) {
        return Revokes(*other->checked.verdict, one);
      });
      if (ended) revoked_.insert(&one);
    }
  }

  std::vector<RefreshCandidate> Choose() const {
    std::vector<RefreshCandidate> chosen;
    for (const StoredVerdict& one : stored_) {
      if (one.checked.verdict->result == VerdictResult::kRevoked || Superseded(one)) continue;
      chosen.push_back({.verdict = &one, .obstacle = ObstacleOf(one)});
    }
    std::ranges::stable_sort(chosen, {}, [](const RefreshCandidate& candidate) {
      return candidate.verdict->checked.verdict->resource_uri;
    });
    return chosen;
  }

 private:
  using Others = std::set<const StoredVerdict*>;

  // All others that speak of the same image.
  [[nodiscard]] Others Related(const StoredVerdict& one) const {
    Others related;
    for (const Digest& digest : one.checked.verdict->subjects) {
      const auto& found = about_.find(digest)->second;
      related.insert(found.begin(), found.end());
    }
    related.erase(&one);
    return related;
  }

  [[nodiscard]] bool Stands(const StoredVerdict& one) const {
    return one.checked.verdict->result != VerdictResult::kRevoked && !revoked_.contains(&one);
  }

  // By one of the same name. What was revoked replaces nothing, and is replaced by what stands.
  [[nodiscard]] bool Superseded(const StoredVerdict& one) const {
    return std::ranges::any_of(Related(one), [&](const StoredVerdict* other) {
      const bool same = other->checked.verdict->resource_uri == one.checked.verdict->resource_uri;
      if (!same || other->checked.verdict->result == VerdictResult::kRevoked) return false;
      if (Stands(*other) != Stands(one)) return Stands(*other);
      return Replaces(*other, one);
    });
  }

  [[nodiscard]] std::string ObstacleOf(const StoredVerdict& one) const {
    if (!Stands(one)) return "it was revoked";
    if (one.checked.verdict->time_verified.ns - now_.ns > kClockSkewNs) {
      return "its time lies in the future";
    }
    for (const StoredVerdict* other : Related(one)) {
      const Verdict& verdict = *other->checked.verdict;
      if (!Stands(*other) || !Denies(verdict) || !Replaces(*other, one)) continue;
      return "the image has since FAILED as " + Shown(verdict.resource_uri) + ", by key " +
             Shown(other->checked.key);
    }
    return "";
  }

  const Stored& stored_;
  Time now_;
  std::map<Digest, std::vector<const StoredVerdict*>> about_;
  std::set<const StoredVerdict*> revoked_;
};

}  // namespace

Result<Stored> ReadStoredVerdicts(const Paths& paths, const std::vector<TrustedKey>& trust) {
  Stored stored;
  std::set<std::string, std::less<>> seen;
  for (const Digest& digest : TRY(FiledDigests(paths))) {
    const std::string text = TRY(ReadVerdictFile(paths, digest));
    for (std::string_view line : SplitEnvelopes(text)) {
      if (!seen.emplace(line).second) continue;
      StoredVerdict one;
      one.checked = CheckEnvelope(line, trust);
      if (!one.checked.verdict) continue;
      one.payload = TRY(ParseEnvelope(line)).payload;
      stored.push_back(std::move(one));
    }
  }
  return stored;
}

std::vector<RefreshCandidate> RefreshCandidates(const Stored& stored, Time now) {
  return Selection(stored, now).Choose();
}

}  // namespace runward
