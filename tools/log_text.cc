#include "tools/log_text.h"

#include <nlohmann/json.hpp>

namespace runward {
namespace {

constexpr std::string_view kNumberSigns = "##";
constexpr std::string_view kColons = "::";

bool Visible(char c) { return c > ' ' && c < '\x7f'; }

bool EndsLine(char c) { return c == '\n' || c == '\r' || c == '\v' || c == '\f'; }

void ReplaceNumberSigns(std::string& text) {
  constexpr std::string_view kShown = "\\u0023\\u0023";
  for (size_t at = text.find(kNumberSigns); at != std::string::npos;
       at = text.find(kNumberSigns, at + kShown.size())) {
    text.replace(at, kNumberSigns.size(), kShown);
  }
}

}  // namespace

std::string WithoutLogCommands(std::string text) {
  constexpr std::string_view kShown = "\\u003a\\u003a";
  ReplaceNumberSigns(text);
  // Between a line's beginning and its first visible ASCII character.
  bool begins = true;
  for (size_t i = 0; i < text.size(); ++i) {
    if (begins && text.compare(i, kColons.size(), kColons) == 0) {
      text.replace(i, kColons.size(), kShown);
    }
    begins = EndsLine(text[i]) || (begins && !Visible(text[i]));
  }
  return text;
}

std::string LogJson(const nlohmann::ordered_json& json) {
  std::string text =
      json.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  // Outside of strings JSON has none.
  ReplaceNumberSigns(text);
  return text;
}

}  // namespace runward
