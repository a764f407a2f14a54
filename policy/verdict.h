#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "policy/names.h"
#include "policy/trust.h"

namespace runward {

enum class VerdictResult { kPassed, kWarned, kFailed, kRevoked };

// What a signed statement says of an image: a SLSA VSA v1 predicate in an in-toto Statement (v1 or
// v0.1), with our extension, or our revocation predicate. docs/formats.md has the bytes.
struct Verdict {
  VerdictResult result = VerdictResult::kFailed;
  Time time_verified;              // for a revocation, when it was revoked
  std::optional<Time> expires_at;  // our extension; only narrows
  std::string resource_uri;        // the name that the verdict vouches for
  std::string verifier_id;
  std::vector<Digest> subjects;  // every sha256 subject, and the chain ID of the signed diff IDs
  std::vector<std::string> reasons;  // failed and warned rules, or the reason of a revocation
  // For a revocation: the payloads (SHA-256, hex) that it revokes; empty: all of these subjects up
  // to time_verified.
  std::vector<std::string> revokes;
};

// One envelope: signed by `key`, whose window, names and verifier allow it, and parsed. Or
// `verdict` is absent and `why` says what is wrong with it, with `rule` naming the reason.
struct CheckedEnvelope {
  std::optional<Verdict> verdict;
  std::string key;             // name of the trusted key
  std::string payload_sha256;  // hex
  std::string rule;  // with `why`: "verdict.malformed", ...; docs/formats.md lists them all
  std::string why;
};

inline constexpr size_t kMaxEnvelopeBytes = size_t{1} << 20;
inline constexpr size_t kMaxSignatures = 16;

// Checks one DSSE envelope or Sigstore bundle: strict JSON, one of `trust`'s keys signed PAE of
// exactly these payload bytes (DSSE protocol.md), then the same bytes parsed. `keyid` is a hint
// that decides nothing. Never fails: what is wrong is said in the result.
CheckedEnvelope CheckEnvelope(std::string_view envelope, const std::vector<TrustedKey>& trust);

// The envelopes of a text: its non-empty lines (.intoto.jsonl), or the whole when only that is JSON
// (one envelope over several lines). Views of `text`.
std::vector<std::string_view> SplitEnvelopes(std::string_view text);

// As CheckEnvelope for each non-empty line of a .intoto.jsonl file (or a file that holds one
// envelope over several lines).
std::vector<CheckedEnvelope> CheckEnvelopes(std::string_view text,
                                            const std::vector<TrustedKey>& trust);

inline constexpr std::string_view kVsaType = "https://slsa.dev/verification_summary/v1";
inline constexpr std::string_view kRevocationType = "https://runward.dev/revocation/v1";
inline constexpr std::string_view kVerdictExtension = "https://runward.dev/image-verdict/v1";

// The signed statement alone (the payload).
Result<Verdict> ParseStatement(std::string_view payload);

}  // namespace runward
