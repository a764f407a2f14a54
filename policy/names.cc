#include "policy/names.h"

#include <algorithm>

#include "base/encoding.h"

namespace runward {
namespace {

constexpr size_t kMaxId = 1024;
constexpr size_t kHexDigits = 64;

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-' || c == '.';
}

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::optional<ContainerId> ContainerId::Parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxId || text == "." || text == "..") return std::nullopt;
  if (!std::ranges::all_of(text, IsIdCharacter)) return std::nullopt;
  return ContainerId(text);
}

std::optional<Digest> Digest::Parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  return FromHex(text.substr(kPrefix.size()));
}

std::optional<Digest> Digest::FromHex(std::string_view hex) {
  if (hex.size() != kHexDigits || !std::ranges::all_of(hex, IsLowerHex)) return std::nullopt;
  return Digest("sha256:" + std::string(hex));
}

std::vector<Digest> ChainIdsOf(std::span<const Digest> diff_ids) {
  std::vector<Digest> chains;
  for (const Digest& diff_id : diff_ids) {
    if (chains.empty()) {
      chains.push_back(diff_id);
    } else {
      chains.push_back(*Digest::FromHex(Sha256Hex(chains.back().text() + " " + diff_id.text())));
    }
  }
  return chains;
}

std::optional<Digest> ChainIdOf(std::span<const Digest> diff_ids) {
  const std::vector<Digest> chains = ChainIdsOf(diff_ids);
  if (chains.empty()) return std::nullopt;
  return chains.back();
}

}  // namespace runward
