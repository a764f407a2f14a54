#include "tools/verdict_basis.h"

#include "base/json.h"
#include "policy/image_rule.h"
#include "policy/verdict.h"

namespace runward {
namespace {

constexpr std::string_view kReport = "report:";

void ReadInputs(const JsonValue& predicate, VerdictBasis& basis) {
  for (const JsonValue input : predicate.Find("inputAttestations")) {
    const std::string_view hash = input.Find("digest").Find("sha256").text();
    const std::string_view uri = input.Find("uri").text();
    if (!Digest::FromHex(hash)) continue;
    if (!uri.starts_with(kReport)) {
      basis.inputs.push_back({std::string(uri), std::string(hash)});
    } else if (!basis.report) {
      basis.report = {std::string(uri.substr(kReport.size())), std::string(hash)};
    }
  }
}

// The names that VerdictOf gives to subjects tell which digest is what.
void ReadSubjects(const JsonValue& root, KnownImage& image) {
  for (const JsonValue subject : root.Find("subject")) {
    const auto digest = Digest::FromHex(subject.Find("digest").Find("sha256").text());
    if (!digest) continue;
    const std::string_view name = subject.Find("name").text();
    const bool config = name == "image-config";
    (config                  ? image.configs
     : name == "layer-chain" ? image.chains
                             : image.manifests)
        .push_back(*digest);
  }
}

void ReadScan(const JsonValue& scan, VerdictBasis& basis) {
  basis.profile = scan.Find("profile").text();
  basis.scanned = ParseTime(scan.Find("scannedAt").text());
  basis.claims.database = ParseTime(scan.Find("databaseAt").text());
  for (const JsonValue one : scan.Find("declared")) {
    if (const auto known = ParseScanClass(one.text())) basis.claims.classes.push_back(*known);
  }
}

}  // namespace

Result<VerdictBasis> BasisOf(std::string_view payload) {
  const JsonDocument document =
      TRY(JsonDocument::Parse(std::string(payload), {.max_bytes = kMaxEnvelopeBytes}));
  VerdictBasis basis;
  const JsonValue predicate = document.root().Find("predicate");
  const JsonValue extension = predicate.Find(kVerdictExtension);
  basis.image.name = predicate.Find("resourceUri").text();
  basis.policy_sha256 = predicate.Find("policy").Find("digest").Find("sha256").text();
  ReadSubjects(document.root(), basis.image);
  for (const JsonValue layer : extension.Find("diffIDs")) {
    if (const auto digest = Digest::Parse(layer.text())) basis.image.diff_ids.push_back(*digest);
  }
  ReadScan(extension.Find("scan"), basis);
  ReadInputs(predicate, basis);
  return basis;
}

}  // namespace runward
