#include "tools/scan_attestation.h"

#include <array>

#include "base/json.h"
#include "policy/dsse.h"
#include "policy/verdict.h"
#include "scan/fields.h"
#include "scan/report.h"

namespace runward {
namespace {

// Older cosign wrote the type without its scheme.
constexpr std::array<std::string_view, 2> kTypes = {
    "https://cosign.sigstore.dev/attestation/vuln/v1", "cosign.sigstore.dev/attestation/vuln/v1"};

bool IsScan(std::string_view type) { return type == kTypes[0] || type == kTypes[1]; }

const TrustedKey* SignerOf(const Envelope& envelope, const std::vector<TrustedKey>& trust,
                           Time now) {
  const std::string signed_bytes = PreAuthEncoding(envelope.payload_type, envelope.payload);
  for (const TrustedKey& key : trust) {
    if (key.not_before && now < *key.not_before) continue;
    if (key.not_after && now > *key.not_after) continue;
    for (const Envelope::Signature& signature : envelope.signatures) {
      if (VerifySignature(key.key, signed_bytes, signature.bytes)) return &key;
    }
  }
  return nullptr;
}

// By its own members: a report may have an image's label of any name.
Result<bool> IsEnvelope(std::string_view text) {
  const auto document = JsonDocument::Parse(std::string(text), {.max_bytes = 2 * kMaxReportBytes});
  if (!document.ok()) return false;  // whatever it is meant to be, a report's reader says where
  const JsonValue root = document.value().root();
  const JsonValue bundled = root.Find("dsseEnvelope");
  const JsonValue envelope = bundled ? bundled : root;
  if (!envelope.Find("payloadType") || !envelope.Find("payload") || !envelope.Find("signatures")) {
    return false;
  }
  const std::vector<std::string_view> marks = ReportMarks(root);
  if (marks.empty()) return true;
  return Error{"the document is a signed envelope and, by its \"" + std::string(marks.front()) +
                   "\", a report at once",
               "give the one or the other"};
}

Result<ScanAttestation> ReadScan(JsonValue statement) {
  ScanAttestation scan;
  for (const JsonValue subject : TRY(ListOf(statement, "subject"))) {
    const JsonValue digests = TRY(ObjectOf(ObjectIn(subject), "digest"));
    const std::string hex = TRY(TextOf(digests, "sha256"));
    if (hex.empty()) continue;  // by another algorithm
    const auto digest = Digest::FromHex(hex);
    if (!digest) return BadField(digests.Find("sha256"), "must be 64 hex digits");
    scan.subjects.push_back(*digest);
  }
  const JsonValue predicate = TRY(ObjectOf(statement, "predicate"));
  const JsonValue scanner = TRY(ObjectOf(predicate, "scanner"));
  const JsonValue result = TRY(ObjectOf(scanner, "result"));
  if (!result) return Error{"the attestation holds no report (\"scanner\": {\"result\"})", ""};
  scan.report = result.raw();
  scan.database = TRY(TimeOf(ObjectOf(scanner, "db"), "lastUpdate"));
  scan.scanned = TRY(TimeOf(ObjectOf(predicate, "metadata"), "scanFinishedOn"));
  return scan;
}

// nullopt for a statement of another type: cosign prints all that an image has.
Result<std::optional<ScanAttestation>> ReadOne(std::string_view line,
                                               const std::vector<TrustedKey>& trust, Time now) {
  const Envelope envelope = TRY(ParseEnvelope(line, 2 * kMaxReportBytes));
  if (envelope.payload_type != kStatementType) return std::optional<ScanAttestation>();
  const JsonDocument document =
      TRY(JsonDocument::Parse(envelope.payload, {.max_bytes = 2 * kMaxReportBytes}));
  const JsonValue statement = document.root();
  if (!IsScan(TRY(TextOf(statement, "predicateType")))) return std::optional<ScanAttestation>();
  ScanAttestation scan = TRY(ReadScan(statement));
  scan.key = SignerOf(envelope, trust, now);
  return std::optional(std::move(scan));
}

}  // namespace

Result<std::optional<ScanAttestation>> ReadScanAttestation(std::string_view text,
                                                           const std::vector<TrustedKey>& trust,
                                                           Time now) {
  // Not every text is parsed twice for what few are.
  if (text.find("\"payloadType\"") == std::string_view::npos) {
    return std::optional<ScanAttestation>();
  }
  std::optional<ScanAttestation> found;
  const std::vector<std::string_view> lines = SplitEnvelopes(text);
  if (!TRY(IsEnvelope(lines.front()))) return std::optional<ScanAttestation>();
  for (const std::string_view line : lines) {
    std::optional<ScanAttestation> one = TRY(ReadOne(line, trust, now));
    if (one && found) {
      return Error{"the input holds several attestations of scans", "give the one that counts"};
    }
    if (one) found = std::move(one);
  }
  if (found) return found;
  return Error{"no envelope of the input is an attestation of a scan",
               "cosign attest --type vuln makes one of a report"};
}

}  // namespace runward
