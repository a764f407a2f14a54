#include <sodium/crypto_sign.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/encoding.h"
#include "policy/dsse.h"
#include "policy/verdict.h"

// Three properties. What the checker accepts, it accepts again in our own form, and with any
// payload byte changed it does not. A statement that a trusted key signs is accepted just when its
// parser accepts it, and says the same. The file's lines are checked as each alone.
namespace {

using namespace runward;

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Signer {
  Signer() {
    const std::string seed(crypto_sign_SEEDBYTES, 's');
    crypto_sign_seed_keypair(open, secret, reinterpret_cast<const unsigned char*>(seed.data()));
    trust = {{.name = "fuzz",
              .key = {KeyAlgorithm::kEd25519, {reinterpret_cast<char*>(open), sizeof(open)}},
              .images = {"*"}}};
  }
  [[nodiscard]] Envelope Sign(std::string payload) const {
    Envelope envelope{.payload_type = std::string(kStatementType), .payload = std::move(payload)};
    const std::string message = PreAuthEncoding(envelope.payload_type, envelope.payload);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         secret);
    envelope.signatures.push_back({.keyid = "", .bytes = signature});
    return envelope;
  }
  unsigned char open[crypto_sign_PUBLICKEYBYTES] = {};
  unsigned char secret[crypto_sign_SECRETKEYBYTES] = {};
  std::vector<TrustedKey> trust;
};

void RequireSame(const Verdict& a, const Verdict& b) {
  Require(a.result == b.result && a.time_verified == b.time_verified);
  Require(a.expires_at == b.expires_at && a.resource_uri == b.resource_uri);
  Require(a.verifier_id == b.verifier_id && a.subjects == b.subjects);
  Require(a.reasons == b.reasons && a.revokes == b.revokes);
}

void RequireWhole(const CheckedEnvelope& checked) {
  Require(checked.verdict.has_value() == checked.rule.empty());
  Require(checked.rule.empty() == checked.why.empty());
  if (!checked.verdict) return;
  Require(!checked.verdict->subjects.empty() && !checked.key.empty());
}

void RequireNotMalleable(const Signer& signer, Envelope envelope, const Verdict& verdict) {
  const CheckedEnvelope again = CheckEnvelope(FormatEnvelope(envelope), signer.trust);
  Require(again.verdict.has_value());
  RequireSame(*again.verdict, verdict);
  const size_t step = std::max<size_t>(1, envelope.payload.size() / 8);
  for (size_t at = 0; at < envelope.payload.size(); at += step) {
    envelope.payload[at] = static_cast<char>(envelope.payload[at] ^ 1);
    Require(!CheckEnvelope(FormatEnvelope(envelope), signer.trust).verdict);
    envelope.payload[at] = static_cast<char>(envelope.payload[at] ^ 1);
  }
}

void CheckAsEnvelope(const Signer& signer, const std::string& text) {
  const CheckedEnvelope checked = CheckEnvelope(text, signer.trust);
  RequireWhole(checked);
  if (checked.verdict) {
    RequireNotMalleable(signer, ParseEnvelope(text).value(), *checked.verdict);
  }
}

void CheckAsStatement(const Signer& signer, const std::string& payload) {
  const Result<Verdict> parsed = ParseStatement(payload);
  const Envelope envelope = signer.Sign(payload);
  const std::string line = FormatEnvelope(envelope);
  const CheckedEnvelope checked = CheckEnvelope(line, signer.trust);
  RequireWhole(checked);
  if (line.size() > kMaxEnvelopeBytes) return;
  Require(checked.verdict.has_value() == parsed.ok());
  Require(checked.payload_sha256 == Sha256Hex(payload));
  if (parsed.ok()) RequireNotMalleable(signer, envelope, parsed.value());
}

void CheckAsFile(const Signer& signer, const std::string& text) {
  const auto lines = SplitEnvelopes(text);
  const auto checked = CheckEnvelopes(text, signer.trust);
  Require(lines.size() == checked.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    Require(CheckEnvelope(lines[i], signer.trust).rule == checked[i].rule);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Signer signer;
  const std::string text(reinterpret_cast<const char*>(data), size);
  CheckAsEnvelope(signer, text);
  CheckAsStatement(signer, text);
  CheckAsFile(signer, text);
  (void)ParsePublicKeyPem(text).ok();
  return 0;
}
