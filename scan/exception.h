#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "scan/purl.h"
#include "scan/report.h"

namespace runward {

// A product that a VEX statement is about: an image, or packages, or packages in an image.
struct VexProduct {
  std::optional<Purl> image;     // pkg:oci/…
  std::optional<Digest> digest;  // of the image, when given by its hash alone
  std::vector<Purl> packages;    // empty: all of the image's
};

// A finding that somebody outside the policy says need not count: a VEX statement, or an entry of a
// scanner's ignore file.
struct Exception {
  enum class Origin : uint8_t { kVex, kIgnore };
  Origin origin = Origin::kIgnore;
  std::string source;   // the file
  bool accepts = true;  // false: a VEX statement that says affected, which ends older ones
  std::optional<FindingKind> kind;    // only findings of that kind
  std::vector<std::string> ids;       // one of these (or an alias); empty: any
  bool by_alias = true;               // false: only findings whose own id is one of them
  std::vector<std::string> names;     // of Grype's: patterns, letters' case counts; empty: all
  std::vector<Purl> purls;            // of Trivy's: one of these, Covers; empty: all
  std::vector<std::string> versions;  // exact; empty: all
  std::vector<std::string> types;     // exact; empty: all
  std::vector<std::string> paths;     // patterns of doublestar's; empty: all
  std::string fix_state;              // of Grype's: exact; empty: any
  std::vector<VexProduct> products;   // of VEX: one of these
  std::optional<Time> made;           // of VEX: the newest statement counts
  std::optional<Time> expires;        // the last moment at which it holds
  std::string reason;
};

inline constexpr size_t kMaxExceptionBytes = size_t{16} << 20;

// Reads a VEX document (OpenVEX 0.2, CSAF 2.0 csaf_vex) or an ignore file (.trivyignore,
// .trivyignore.yaml, .grype.yaml), recognised by its content. Errors name `file` and the place.
// What a rule asks and is not understood here is an error: passed over, the rule would accept more.
Result<std::vector<Exception>> ReadExceptions(const std::string& text, std::string_view file);

// For ReadExceptions: the formats.
Result<std::vector<Exception>> ReadOpenVex(JsonValue root);
Result<std::vector<Exception>> ReadCsaf(JsonValue root);
Result<std::vector<Exception>> ReadTrivyIgnore(std::string_view text);
Result<std::vector<Exception>> ReadIgnoreYaml(const std::string& text);

// Whether accepting the ids that are `named` accepts the finding: its own, or, where that is no
// CVE, an alias, and then each CVE that it stands for, as an advisory does for several.
bool AcceptsById(const ScanFinding& finding, const std::function<bool(std::string_view)>& named);

// Whether the exception speaks of the finding in the image. Its time is not looked at.
struct ImageView {
  std::vector<Digest> digests;  // of its manifests, config and layers
  std::string name;
};
bool SpeaksOf(const Exception& exception, const ScanFinding& finding, const ImageView& image);

}  // namespace runward
