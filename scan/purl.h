#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runward {

// A package URL (purl-spec): "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64".
struct Purl {
  std::string type;  // lower case
  std::string name_space;
  std::string name;
  std::string version;
  std::vector<std::pair<std::string, std::string>> qualifiers;

  // In any spelling that purl-spec takes for the same: "PKG://DEB/…" is "pkg:deb/…", and so are
  // the names of Debian's packages in upper case.
  static std::optional<Purl> Parse(std::string_view given);
  [[nodiscard]] std::string_view Qualifier(std::string_view key) const;
};

// Whether it is meant as a package URL: it begins as one.
bool IsPurl(std::string_view text);

// Whether what is said of `stated` holds for `found`: the same package, and everything else that
// `stated` names (version, qualifiers) is the same too.
bool Covers(const Purl& stated, const Purl& found);

// Whether a package fits a pattern of a policy: a package URL with '*' for any run of characters,
// with or without version and qualifiers, or a bare name. Letters' case does not count.
bool FitsPackage(std::string_view pattern, std::string_view name, std::string_view purl);

// The same for any name: '*' is any run of characters, letters' case does not count.
bool FitsFolded(std::string_view pattern, std::string_view name);
bool FitsAnyFolded(const std::vector<std::string>& patterns, std::string_view name);

}  // namespace runward
