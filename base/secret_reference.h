#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace runward {

// What a secret is called: a path, and one of the keys that lie there. Both are letters, digits,
// '.', '_' and '-', a path's components joined by '/'; none is empty, "." or "..". So a name can be
// a file's name, fits on a line, and looks like no other name.
struct EntryName {
  std::string path;  // "web/db", at most kMaxPathBytes
  std::string key;   // "password", at most kMaxKeyBytes

  static constexpr size_t kMaxPathBytes = 255;
  static constexpr size_t kMaxKeyBytes = 253;  // of a Kubernetes Secret

  static Result<EntryName> Parse(std::string_view text);  // "web/db#password"
  [[nodiscard]] std::string Text() const { return path + "#" + key; }
  auto operator<=>(const EntryName&) const = default;
};

// How a policy names a secret: "vault:web/db#password", the newest version, or with "@3" (or "#3",
// as people write for HashiCorp Vault) that one.
struct SecretReference {
  EntryName name;
  uint32_t version = 0;  // 0: the newest

  static Result<SecretReference> Parse(std::string_view text);
  // As Parse without "vault:", as it is typed on a command line.
  static Result<SecretReference> ParseName(std::string_view text);
  [[nodiscard]] std::string Text() const;  // "vault:web/db#password@3"
  auto operator<=>(const SecretReference&) const = default;
};

// Whether `text` may be a component of a path, and so a key.
bool IsNamePart(std::string_view text);

}  // namespace runward
