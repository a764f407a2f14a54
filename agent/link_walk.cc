#include "agent/link_walk.h"

namespace runward {
namespace {

std::string TakePart(std::string& rest) {
  rest.erase(0, rest.find_first_not_of('/'));
  std::string part = rest.substr(0, rest.find('/'));
  rest.erase(0, part.size());
  return part;
}

// Of paths without links, "" for the root.
std::string Beneath(const std::string& directory, const std::string& part) {
  if (part == ".") return directory;
  if (part == "..") return directory.substr(0, directory.empty() ? 0 : directory.rfind('/'));
  return std::string(directory).append("/").append(part);
}

}  // namespace

std::optional<std::string> WithoutLinks(const std::string& path, const LinkAt& link) {
  constexpr int kMostLinks = 40;
  constexpr int kMostParts = 4096;  // a path has no more bytes
  std::string at;                   // where `rest` begins: a path without links
  std::string rest = path;
  int links = 0;
  for (int parts = 0; parts < kMostParts; ++parts) {
    const std::string part = TakePart(rest);
    if (part.empty()) return at;
    std::string next = Beneath(at, part);
    const std::optional<std::string> target = link(next);
    if (!target) {
      at = std::move(next);
      continue;
    }
    if (++links > kMostLinks) return std::nullopt;
    if (target->starts_with('/')) at.clear();
    rest.insert(0, "/").insert(0, *target);
  }
  return std::nullopt;
}

}  // namespace runward
