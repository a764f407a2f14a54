#include "registry/challenge.h"

#include <algorithm>
#include <cctype>

namespace runward {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

void SkipBlanks(std::string_view& text, std::string_view blanks) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

// Takes what stands between quotes, or up to a comma.
std::optional<std::string> TakeValue(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const size_t end = std::min(text.find_first_of(", \t"), text.size());
    value = std::string(text.substr(0, end));
    text.remove_prefix(end);
    return value;
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && ++i == text.size()) break;
    value += text[i];
  }
  return std::nullopt;
}

}  // namespace

std::string Challenge::Value(std::string_view name) const {
  const auto found = values.find(std::string(name));
  return found == values.end() ? "" : found->second;
}

std::optional<Challenge> ParseChallenge(std::string_view header) {
  SkipBlanks(header, " \t");
  const size_t end = std::min(header.find_first_of(" \t"), header.size());
  Challenge challenge{.scheme = Lower(header.substr(0, end)), .values = {}};
  if (challenge.scheme.empty()) return std::nullopt;
  header.remove_prefix(end);
  SkipBlanks(header, " \t,");
  while (!header.empty()) {
    const size_t equals = header.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const std::string name = Lower(header.substr(0, equals));
    header.remove_prefix(equals + 1);
    std::optional<std::string> value = TakeValue(header);
    if (!value || !challenge.values.emplace(name, *std::move(value)).second) return std::nullopt;
    SkipBlanks(header, " \t,");
  }
  return challenge;
}

}  // namespace runward
