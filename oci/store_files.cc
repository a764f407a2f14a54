#include "oci/store_files.h"

#include <unistd.h>

#include <array>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxConfigBytes = size_t{4} << 20;
constexpr size_t kMaxLineBytes = 4096;
constexpr size_t kMaxLayers = 1000;

}  // namespace

std::vector<Digest> ChainsOfConfig(const std::string& config_text) {
  const auto document = JsonDocument::Parse(config_text);
  if (!document.ok()) return {};
  const JsonValue diff_ids = document.value().root().Find("rootfs").Find("diff_ids");
  if (diff_ids.size() > kMaxLayers) return {};
  std::vector<Digest> parsed;
  for (const JsonValue element : diff_ids) {
    const std::optional<Digest> diff_id = Digest::Parse(element.text());
    if (!diff_id) return {};
    parsed.push_back(*diff_id);
  }
  return ChainIdsOf(parsed);
}

std::optional<std::string> ReadConfigBlob(const std::string& path, const Digest& digest) {
  Result<std::string> text = ReadFileCapped(path, kMaxConfigBytes, Trust::kOwnerAndParents);
  if (!text.ok() || Sha256Hex(text.value()) != digest.hex()) return std::nullopt;
  return std::move(text).value();
}

Result<std::string> ReadLine(const std::string& path) {
  std::string line = TRY(ReadFileCapped(path, kMaxLineBytes, Trust::kOwner));
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::optional<std::string> LayerOfLink(const std::string& link) {
  constexpr std::string_view kBefore = "../";
  constexpr std::string_view kAfter = "/diff";
  std::array<char, 256> target{};
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  if (length < 0) return std::nullopt;
  std::string_view text(target.data(), static_cast<size_t>(length));
  if (!text.starts_with(kBefore) || !text.ends_with(kAfter)) return std::nullopt;
  text = text.substr(kBefore.size(), text.size() - kBefore.size() - kAfter.size());
  if (text.empty() || text.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(text);
}

}  // namespace runward
