#include "base/secret_reference.h"

#include <algorithm>
#include <charconv>

#include "base/event_text.h"

namespace runward {
namespace {

constexpr std::string_view kScheme = "vault:";
constexpr std::string_view kHint = "a name is written PATH#KEY, such as web/db#password";

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

Error Bad(std::string_view text, std::string_view why) {
  constexpr size_t kShown = 300;
  return Error{"secret name \"" + Printable(text.substr(0, kShown)) + "\": " + std::string(why),
               std::string(kHint)};
}

bool IsPath(std::string_view path) {
  while (true) {
    const size_t slash = path.find('/');
    if (!IsNamePart(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

// A version without its mark: digits only, from 1.
Result<uint32_t> ParseVersion(std::string_view digits, std::string_view text) {
  uint32_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || version == 0 || digits.front() == '0') {
    return Bad(text, "what follows the key is no version, which is a number from 1");
  }
  return version;
}

}  // namespace

bool IsNamePart(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::ranges::all_of(text, IsNameByte);
}

Result<EntryName> EntryName::Parse(std::string_view text) {
  const size_t mark = text.find('#');
  if (mark == std::string_view::npos) return Bad(text, "no '#' parts the path from the key");
  const std::string_view path = text.substr(0, mark);
  const std::string_view key = text.substr(mark + 1);
  if (path.size() > kMaxPathBytes) return Bad(text, "its path is longer than 255 bytes");
  if (key.size() > kMaxKeyBytes) return Bad(text, "its key is longer than 253 bytes");
  if (!IsPath(path)) {
    return Bad(text,
               "its path may hold letters, digits, '.', '_' and '-' between single slashes, and no "
               "component \".\" or \"..\"");
  }
  if (!IsNamePart(key)) return Bad(text, "its key may hold letters, digits, '.', '_' and '-'");
  return EntryName{std::string(path), std::string(key)};
}

Result<SecretReference> SecretReference::ParseName(std::string_view text) {
  const size_t key = text.find('#');
  const size_t mark = key == std::string_view::npos ? key : text.find_first_of("@#", key + 1);
  SecretReference reference;
  reference.name = TRY(EntryName::Parse(text.substr(0, mark)));
  if (mark != std::string_view::npos) {
    const std::string_view digits = text.substr(mark + 1);
    if (digits.empty()) return Bad(text, "no version follows its mark");
    reference.version = TRY(ParseVersion(digits, text));
  }
  return reference;
}

Result<SecretReference> SecretReference::Parse(std::string_view text) {
  if (!text.starts_with(kScheme)) {
    return Error{Bad(text, "it does not begin with \"vault:\"").message,
                 "a reference is written vault:PATH#KEY, such as vault:web/db#password"};
  }
  return ParseName(text.substr(kScheme.size()));
}

std::string SecretReference::Text() const {
  return std::string(kScheme) + name.Text() + (version == 0 ? "" : "@" + std::to_string(version));
}

}  // namespace runward
