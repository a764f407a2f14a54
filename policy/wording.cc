#include "policy/wording.h"

#include <algorithm>
#include <array>

namespace runward {
namespace {

constexpr size_t kMaxName = 128;
constexpr std::array<std::string_view, 4> kPhrases = {"executable file not found", "no such file",
                                                      "not a directory", "permission denied"};

bool SameLetter(char a, char b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return lower(a) == lower(b);
}

void BreakPhrase(std::string& text, std::string_view phrase) {
  auto from = text.begin();
  while (true) {
    const auto found = std::search(from, text.end(), phrase.begin(), phrase.end(), SameLetter);
    if (found == text.end()) return;
    from = found + static_cast<std::ptrdiff_t>(phrase.size());
    std::replace(found, from, ' ', '-');
  }
}

std::string Bounded(std::string_view text, size_t max, char lowest) {
  std::string out(text.substr(0, max));
  for (char& c : out) {
    if (c < lowest || c > '~') c = '?';
  }
  if (text.size() > max) out += "...";
  return out;
}

}  // namespace

std::string Quoted(std::string_view name) {
  std::string out = Bounded(name, kMaxName, '!');
  std::ranges::replace(out, '"', '?');
  return "\"" + out + "\"";
}

std::string Tame(std::string_view text, size_t max) {
  std::string out = Bounded(text, max, ' ');
  for (std::string_view phrase : kPhrases) BreakPhrase(out, phrase);
  return out;
}

}  // namespace runward
