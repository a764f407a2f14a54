#include "tools/uri.h"

namespace runward {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '/';
}

std::string Escaped(std::string_view text, std::string_view also) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsUnreserved(c) || also.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri;
}

}  // namespace

std::string UriPathOf(std::string_view path, std::string_view fallback) {
  std::string uri = Escaped(path, "");
  while (uri.starts_with("/")) uri.erase(0, 1);
  return uri.empty() ? std::string(fallback) : uri;
}

std::string UriOf(std::string_view uri) { return Escaped(uri, ":?#@!$&'()*+,;=%"); }

}  // namespace runward
