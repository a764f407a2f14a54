#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

inline constexpr std::string_view kStatementType = "application/vnd.in-toto+json";

// A DSSE envelope (secure-systems-lab/dsse envelope.md), its base64 taken off. Nothing in it is
// verified yet.
struct Envelope {
  struct Signature {
    std::string keyid;  // a hint that anybody can write; decides nothing
    std::string bytes;
  };
  std::string payload_type;
  std::string payload;
  std::vector<Signature> signatures;  // 1 to kMaxSignatures
};

// Reads a DSSE envelope, or the one inside a Sigstore bundle (which must have one signature; its
// certificate and log entries are not looked at: only a key that the policy trusts counts).
// Strict: duplicate keys, keys that Go would read as ours, and bad base64 are errors; unknown keys
// are ignored, as envelope.md demands.
// `max_bytes` is for an envelope that carries more than a verdict does: a whole report.
Result<Envelope> ParseEnvelope(std::string_view text, size_t max_bytes = size_t{1} << 20);

// What a signature is made over: DSSE's pre-authentication encoding (protocol.md).
std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload);

// The envelope as one line of JSON without its newline, in our signer's form.
std::string FormatEnvelope(const Envelope& envelope);

}  // namespace runward
