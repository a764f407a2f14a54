#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/names.h"

namespace runward {

// An image's name as engines take it (distribution/reference), completed: "busybox" is
// docker.io/library/busybox:latest. Made only by Parse: its parts can stand in a URL.
class ImageReference {
 public:
  static Result<ImageReference> Parse(std::string_view text);

  [[nodiscard]] const std::string& host() const { return host_; }  // "docker.io", "localhost:5000"
  [[nodiscard]] const std::string& repository() const { return repository_; }
  [[nodiscard]] const std::string& tag() const { return tag_; }  // "" when only a digest is given
  [[nodiscard]] const std::optional<Digest>& digest() const { return digest_; }

  // The tag or, before it, the digest: what a manifest is asked for by.
  [[nodiscard]] std::string Wanted() const;
  // Where the registry is spoken to: registry-1.docker.io for docker.io.
  [[nodiscard]] std::string Endpoint() const;
  // "host/repository:tag@digest"
  [[nodiscard]] std::string Text() const;

 private:
  std::string host_;
  std::string repository_;
  std::string tag_;
  std::optional<Digest> digest_;
};

}  // namespace runward
