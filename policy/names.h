#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// A container's id as runc takes it (libcontainer/factory_linux.go: [\w+-\.]+, at most 1024 bytes,
// neither "." nor ".."). Made only by Parse.
class ContainerId {
 public:
  static std::optional<ContainerId> Parse(std::string_view text);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  explicit ContainerId(std::string_view text) : text_(text) {}
  std::string text_;
};

// "sha256:" and 64 lower-case hex digits (image-spec descriptor.md). Made only by Parse and
// FromHex.
class Digest {
 public:
  static std::optional<Digest> Parse(std::string_view text);
  static std::optional<Digest> FromHex(std::string_view hex);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view hex() const { return std::string_view(text_).substr(7); }
  auto operator<=>(const Digest&) const = default;

 private:
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// The chain ID of layers, lowest first: image-spec config.md, "Layer ChainID". nullopt when empty.
std::optional<Digest> ChainIdOf(std::span<const Digest> diff_ids);
// The chain ID of every prefix of the layers; the last is ChainIdOf all.
std::vector<Digest> ChainIdsOf(std::span<const Digest> diff_ids);

}  // namespace runward
