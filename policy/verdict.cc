#include "policy/verdict.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/glob.h"
#include "base/json.h"
#include "policy/dsse.h"

namespace runward {
namespace {

using KeyList = std::vector<const TrustedKey*>;

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool Hinted(const TrustedKey& key, const Envelope& envelope) {
  const std::string fingerprint = KeyFingerprint(key.key);
  return std::ranges::any_of(envelope.signatures,
                             [&](const auto& signature) { return signature.keyid == fingerprint; });
}

bool Signed(const TrustedKey& key, const Envelope& envelope, std::string_view message) {
  return std::ranges::any_of(envelope.signatures, [&](const auto& signature) {
    return VerifySignature(key.key, message, signature.bytes);
  });
}

// Hinted keys first, then the cheap algorithm: the order changes the cost, never the answer.
KeyList InTryingOrder(const std::vector<TrustedKey>& trust, const Envelope& envelope) {
  KeyList hinted;
  KeyList ed25519;
  KeyList others;
  for (const TrustedKey& key : trust) {
    if (Hinted(key, envelope)) {
      hinted.push_back(&key);
    } else {
      (key.key.algorithm == KeyAlgorithm::kEd25519 ? ed25519 : others).push_back(&key);
    }
  }
  hinted.insert(hinted.end(), ed25519.begin(), ed25519.end());
  hinted.insert(hinted.end(), others.begin(), others.end());
  return hinted;
}

struct Refusal {
  std::string rule;
  std::string why;
};

// What keeps a key that did sign from vouching for this verdict.
std::optional<Refusal> LimitOf(const TrustedKey& key, const Verdict& verdict) {
  const Time time = verdict.time_verified;
  if ((key.not_before && time < *key.not_before) || (key.not_after && time > *key.not_after)) {
    return Refusal{"verdict.key-window", "key " + Quoted(key.name) + " is not trusted for " +
                                             FormatTime(time) + ", when it was signed"};
  }
  // A revocation carries neither a name nor a verifier: it only ever denies.
  if (verdict.result == VerdictResult::kRevoked) return std::nullopt;
  if (!key.verifier.empty() && verdict.verifier_id != key.verifier) {
    return Refusal{"verdict.key-verifier", "key " + Quoted(key.name) + " speaks for verifier " +
                                               Quoted(key.verifier) + ", not for " +
                                               Quoted(verdict.verifier_id)};
  }
  const bool covered = std::ranges::any_of(key.images, [&](const std::string& pattern) {
    return GlobMatch(pattern, verdict.resource_uri);
  });
  if (covered) return std::nullopt;
  return Refusal{"verdict.key-images", "key " + Quoted(key.name) + " may not vouch for the name " +
                                           Quoted(verdict.resource_uri)};
}

// The envelope's own claim of its key tells the two causes apart, for the words alone.
Refusal NotSigned(const KeyList& keys, const Envelope& envelope) {
  if (keys.empty()) return {"verdict.untrusted", "the policy trusts no key"};
  if (Hinted(*keys.front(), envelope)) {
    return {"verdict.changed", "its signature by key " + Quoted(keys.front()->name) +
                                   " does not fit: it was changed after it was signed"};
  }
  return {"verdict.untrusted",
          "no trusted key signed it: another key did, or it was changed after it was signed"};
}

CheckedEnvelope& Refuse(CheckedEnvelope& checked, std::string rule, std::string why) {
  checked.rule = std::move(rule);
  checked.why = std::move(why);
  return checked;
}

// The outcome for a payload that `key` has signed; false when another key may still do better.
bool Settle(const TrustedKey& key, const Envelope& envelope, CheckedEnvelope& checked) {
  Result<Verdict> verdict =
      envelope.payload_type == kStatementType
          ? ParseStatement(envelope.payload)
          : Error{"it signs a " + Quoted(envelope.payload_type) + ", not an in-toto statement", ""};
  checked.key = key.name;
  if (!verdict.ok()) {
    Refuse(checked, "verdict.malformed", verdict.error().message);
    return true;  // the same bytes for every key
  }
  if (std::optional<Refusal> limit = LimitOf(key, verdict.value())) {
    Refuse(checked, std::move(limit->rule), std::move(limit->why));
    return false;
  }
  Refuse(checked, "", "");
  checked.verdict = std::move(verdict).value();
  return true;
}

std::string_view TakeLine(std::string_view& text) {
  const size_t newline = text.find('\n');
  const std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  return line;
}

bool IsJson(std::string_view text) {
  return JsonDocument::Parse(std::string(text), {.max_bytes = kMaxEnvelopeBytes}).ok();
}

}  // namespace

CheckedEnvelope CheckEnvelope(std::string_view text, const std::vector<TrustedKey>& trust) {
  CheckedEnvelope checked;
  if (text.size() > kMaxEnvelopeBytes) {
    return Refuse(checked, "verdict.oversized",
                  "the envelope has " + std::to_string(text.size()) + " bytes, more than the " +
                      std::to_string(kMaxEnvelopeBytes) + " allowed");
  }
  const Result<Envelope> parsed = ParseEnvelope(text);
  if (!parsed.ok()) return Refuse(checked, "verdict.malformed", parsed.error().message);
  const Envelope& envelope = parsed.value();
  checked.payload_sha256 = Sha256Hex(envelope.payload);
  const std::string message = PreAuthEncoding(envelope.payload_type, envelope.payload);
  const KeyList keys = InTryingOrder(trust, envelope);
  for (const TrustedKey* key : keys) {
    if (Signed(*key, envelope, message) && Settle(*key, envelope, checked)) return checked;
  }
  if (!checked.key.empty()) return checked;  // signed by a key that may not
  Refusal refusal = NotSigned(keys, envelope);
  return Refuse(checked, std::move(refusal.rule), std::move(refusal.why));
}

std::vector<std::string_view> SplitEnvelopes(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
  }
  if (lines.size() > 1 && !IsJson(lines.front()) && IsJson(text)) return {text};
  return lines;
}

std::vector<CheckedEnvelope> CheckEnvelopes(std::string_view text,
                                            const std::vector<TrustedKey>& trust) {
  std::vector<CheckedEnvelope> checked;
  for (std::string_view envelope : SplitEnvelopes(text)) {
    checked.push_back(CheckEnvelope(envelope, trust));
  }
  return checked;
}

}  // namespace runward
