#include "tools/log_text.h"

#include <nlohmann/json.hpp>

namespace runward {
namespace {

constexpr std::string_view kNumberSigns = "##";
constexpr std::string_view kColons = "::";

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
  for (size_t line = 0; line < text.size();) {
    const size_t first = text.find_first_not_of(" \t", line);
    if (first == std::string::npos) break;
    if (text.compare(first, kColons.size(), kColons) == 0) {
      text.replace(first, kColons.size(), kShown);
    }
    const size_t end = text.find('\n', first);
    line = end == std::string::npos ? text.size() : end + 1;
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
