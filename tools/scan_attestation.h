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

// A scanner's report inside a signed attestation, as `cosign attest --type vuln` makes and
// `cosign download attestation` prints it (cosign's COSIGN_VULN_ATTESTATION_SPEC.md).
struct ScanAttestation {
  std::string report;               // the scanner's own JSON
  std::vector<Digest> subjects;     // of the image's manifest
  std::optional<Time> scanned;      // when the scan ended
  std::optional<Time> database;     // of the scanner
  const TrustedKey* key = nullptr;  // that signed it; null: none of `trust` did
};

// nullopt when the text is no envelope at all. An Error for an envelope without a scan, or several.
// The signature is checked with `trust`'s keys, within their windows at `now`.
Result<std::optional<ScanAttestation>> ReadScanAttestation(std::string_view text,
                                                           const std::vector<TrustedKey>& trust,
                                                           Time now);

}  // namespace runward
