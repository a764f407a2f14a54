#include <algorithm>
#include <array>

#include "scan/exception.h"
#include "scan/fields.h"

// OpenVEX 0.2.0 (openvex/spec, OPENVEX-SPEC.md).
namespace runward {
namespace {

constexpr std::array<std::string_view, 5> kJustifications = {
    "component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"};

// The package URL of a product or component: its own, or its identifier's.
Result<std::optional<Purl>> PurlOf(JsonValue product) {
  const std::optional<Purl> own = Purl::Parse(TRY(TextOf(product, "@id")));
  if (own) return own;
  return Purl::Parse(TRY(TextOf(ObjectOf(product, "identifiers"), "purl")));
}

Result<std::optional<Digest>> HashOf(JsonValue product) {
  const std::string hash = TRY(TextOf(ObjectOf(product, "hashes"), "sha-256"));
  return Digest::FromHex(hash);
}

// What the product itself is: an image, a package, or something with a hash. nullopt for one that
// is nothing of that here (a source tree).
Result<std::optional<VexProduct>> OwnOf(JsonValue product, bool accepts) {
  VexProduct read;
  const std::optional<Purl> purl = TRY(PurlOf(product));
  const std::optional<Digest> hash = TRY(HashOf(product));
  const bool image = purl && purl->type == "oci";
  if (image) read.image = purl;
  if (purl && !image) read.packages.push_back(*purl);
  if (!purl || (image && accepts)) read.digest = hash;
  // One build, by a hash that no report has, of a package or in another algorithm.
  const bool hashed = TRY(ObjectOf(product, "hashes")).size() != 0;
  const bool unknown_build = accepts && hashed && !read.digest;
  const bool none = !read.image && !read.digest && read.packages.empty();
  return unknown_build || none ? std::optional<VexProduct>() : std::optional<VexProduct>(read);
}

// nullopt for a product of which it is not known to be in this image.
Result<std::optional<VexProduct>> ProductOf(JsonValue product, bool accepts) {
  TRY(ObjectIn(product));
  const std::optional<VexProduct> own = TRY(OwnOf(product, accepts));
  const JsonValue subcomponents = TRY(ListOf(product, "subcomponents"));
  if (!own || subcomponents.size() == 0) return own;
  VexProduct read = *own;
  // "Package X in product Y": a Y that is no image is one that this image may not hold.
  if (!read.packages.empty()) return std::optional<VexProduct>();
  for (const JsonValue part : subcomponents) {
    TRY(ObjectIn(part));
    if (const auto inner = TRY(PurlOf(part))) read.packages.push_back(*inner);
  }
  return read.packages.empty() ? std::optional<VexProduct>() : std::optional<VexProduct>(read);
}

Result<bool> Accepts(JsonValue statement) {
  const std::string status = TRY(NeededText(statement, "status"));
  if (status == "fixed") return true;
  if (status == "affected" || status == "under_investigation") return false;
  if (status != "not_affected") {
    return BadField(statement.Find("status"),
                    "must be not_affected, affected, fixed or under_investigation");
  }
  const std::string justification = TRY(TextOf(statement, "justification"));
  const std::string impact = TRY(TextOf(statement, "impact_statement"));
  if (justification.empty() && impact.empty()) {
    return BadField(statement, "says not_affected with neither justification nor impact_statement");
  }
  if (!justification.empty() &&
      std::ranges::find(kJustifications, justification) == kJustifications.end()) {
    return BadField(statement.Find("justification"), "must be a justification of OpenVEX");
  }
  return true;
}

Result<void> ReadVulnerability(JsonValue statement, Exception& exception) {
  const JsonValue vulnerability = TRY(statement.Field("vulnerability"));
  // Version 0.0.1 had the name alone.
  if (vulnerability.IsString()) {
    exception.ids.emplace_back(vulnerability.text());
    return {};
  }
  if (!vulnerability.IsObject()) return BadField(statement, "must have a \"vulnerability\"");
  exception.ids = TRY(TextsOf(vulnerability, "aliases"));
  exception.ids.push_back(TRY(NeededText(vulnerability, "name")));
  return {};
}

Result<Exception> ReadStatement(JsonValue statement, const std::optional<Time>& document) {
  TRY(ObjectIn(statement));
  Exception exception;
  exception.origin = Exception::Origin::kVex;
  exception.accepts = TRY(Accepts(statement));
  exception.kind = FindingKind::kVulnerability;
  TRY(ReadVulnerability(statement, exception));
  for (const JsonValue product : TRY(ListOf(statement, "products"))) {
    if (auto read = TRY(ProductOf(product, exception.accepts)))
      exception.products.push_back(std::move(*read));
  }
  const std::optional<Time> own = TRY(TimeOf(statement, "timestamp"));
  exception.made = own ? own : document;
  const std::string justification = TRY(TextOf(statement, "justification"));
  const std::string impact = TRY(TextOf(statement, "impact_statement"));
  exception.reason = TRY(TextOf(statement, "status"));
  if (!justification.empty()) exception.reason += ", " + justification;
  if (!impact.empty()) exception.reason += ": " + impact;
  return exception;
}

}  // namespace

Result<std::vector<Exception>> ReadOpenVex(JsonValue root) {
  const std::string context = TRY(NeededText(root, "@context"));
  if (!context.starts_with("https://openvex.dev/ns")) {
    return BadField(root.Find("@context"), "must be OpenVEX's");
  }
  const std::optional<Time> made = TRY(TimeOf(root, "timestamp"));
  std::vector<Exception> exceptions;
  for (const JsonValue statement : TRY(ListOf(root, "statements"))) {
    exceptions.push_back(TRY(ReadStatement(statement, made)));
  }
  return exceptions;
}

}  // namespace runward
