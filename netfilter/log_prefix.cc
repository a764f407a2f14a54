#include "netfilter/log_prefix.h"

#include <charconv>

namespace runward {

std::string FormatLogPrefix(const LogPrefix& prefix) {
  std::string text = prefix.would_deny ? "rw:w:" : "rw:d:";
  text += prefix.direction == Direction::kEgress ? "e:" : "i:";
  return text + (prefix.rule ? std::to_string(*prefix.rule) : "default");
}

std::optional<LogPrefix> ParseLogPrefix(std::string_view text) {
  LogPrefix prefix;
  constexpr std::string_view kShape = "rw:d:e:";
  if (text.size() <= kShape.size()) return std::nullopt;
  prefix.would_deny = text[3] == 'w';
  if (text[5] == 'i') prefix.direction = Direction::kIngress;
  const std::string_view rule = text.substr(kShape.size());
  uint32_t index = 0;
  if (std::from_chars(rule.data(), rule.data() + rule.size(), index).ec == std::errc{}) {
    prefix.rule = index;
  }
  if (FormatLogPrefix(prefix) != text) return std::nullopt;
  return prefix;
}

}  // namespace runward
