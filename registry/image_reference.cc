#include "registry/image_reference.h"

#include <algorithm>
#include <cctype>

namespace runward {
namespace {

constexpr std::string_view kDocker = "docker.io";
constexpr size_t kMaxName = 255;
constexpr size_t kMaxTag = 128;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsWord(char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// "web", "my_app", "a.b-c": separators only between letters and digits.
bool IsComponent(std::string_view text) {
  if (text.empty() || !IsLowerOrDigit(text.front()) || !IsLowerOrDigit(text.back())) return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(
      text, [](char c) { return IsLowerOrDigit(c) || c == '.' || c == '_' || c == '-'; });
}

bool IsRepository(std::string_view text) {
  if (text.size() > kMaxName) return false;
  while (true) {
    const size_t slash = text.find('/');
    if (!IsComponent(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool IsTag(std::string_view text) {
  if (text.empty() || text.size() > kMaxTag || !IsWord(text.front())) return false;
  return std::ranges::all_of(text, [](char c) { return IsWord(c) || c == '.' || c == '-'; });
}

bool IsBracketed(std::string_view text) {
  constexpr std::string_view kAddress = "0123456789abcdefABCDEF:";
  return text.size() > 3 && text.find_first_not_of(kAddress, 1) == text.size() - 1;
}

bool IsHostName(std::string_view text) {
  const auto good = [](char c) { return (IsWord(c) && c != '_') || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= kMaxName && text.front() != '-' &&
         std::ranges::all_of(text, good);
}

// A name, an IPv4 or a bracketed IPv6 address, and maybe a port.
bool IsHost(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  const size_t end = bracketed ? text.find(']') : text.find(':');
  const size_t size = std::min(end, text.size()) + (bracketed && end < text.size() ? 1 : 0);
  const std::string_view name = text.substr(0, size);
  const std::string_view port = text.substr(size);
  if (bracketed ? !IsBracketed(name) : !IsHostName(name)) return false;
  if (port.empty()) return true;
  return port.front() == ':' && port.size() > 1 && port.size() <= 6 &&
         port.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// Docker's rule for what the first component is.
bool LooksLikeHost(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
         std::ranges::any_of(first, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Takes ":tag" off the end; "" when there is none, nullopt when it is no good.
std::optional<std::string> TakeTag(std::string_view& text) {
  const size_t colon = text.rfind(':');
  const size_t slash = text.rfind('/');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash)) {
    return "";
  }
  std::string tag(text.substr(colon + 1));
  text = text.substr(0, colon);
  if (!IsTag(tag)) return std::nullopt;
  return tag;
}

// Takes the registry off the front; docker.io where none is named.
std::string TakeHost(std::string_view& text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || !LooksLikeHost(text.substr(0, slash))) {
    return std::string(kDocker);
  }
  std::string host(text.substr(0, slash));
  text.remove_prefix(slash + 1);
  return host == "index.docker.io" ? std::string(kDocker) : host;
}

}  // namespace

Result<ImageReference> ImageReference::Parse(std::string_view text) {
  const Error bad{"\"" + std::string(text) + "\" is not an image's name",
                  "such as registry.example.com/web/app:1.2"};
  ImageReference reference;
  std::string_view rest = text;
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    reference.digest_ = Digest::Parse(rest.substr(at + 1));
    if (!reference.digest_) return bad;
    rest = rest.substr(0, at);
  }
  std::optional<std::string> tag = TakeTag(rest);
  if (!tag) return bad;
  reference.tag_ = tag->empty() && !reference.digest_ ? "latest" : *std::move(tag);
  reference.host_ = TakeHost(rest);
  const bool official = reference.host_ == kDocker && rest.find('/') == std::string_view::npos;
  reference.repository_ = (official ? "library/" : "") + std::string(rest);
  if (!IsHost(reference.host_) || !IsRepository(reference.repository_)) return bad;
  return reference;
}

std::string ImageReference::Wanted() const { return digest_ ? digest_->text() : tag_; }

std::string ImageReference::Endpoint() const {
  return host_ == kDocker ? "registry-1.docker.io" : host_;
}

std::string ImageReference::Text() const {
  return host_ + "/" + repository_ + (tag_.empty() ? "" : ":" + tag_) +
         (digest_ ? "@" + digest_->text() : "");
}

}  // namespace runward
