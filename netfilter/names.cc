#include "netfilter/names.h"

#include <charconv>

namespace runward {
namespace {

constexpr uint32_t kDefaultRule = 0xffff;
constexpr uint32_t kIngressBit = 0x10000;
constexpr int kContainerShift = 17;

}  // namespace

std::string TableName(std::string_view key) { return "runward_" + std::string(key.substr(0, 16)); }

uint16_t LogGroup(std::string_view key) {
  constexpr uint64_t kFirst = 1024;
  constexpr uint64_t kCount = 64000;
  uint64_t number = 0;
  const std::string_view digits = key.substr(0, 15);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return static_cast<uint16_t>(kFirst + number % kCount);
}

uint32_t FormatMark(const ConnectionMark& mark) {
  return (mark.container & 0x7fffU) << kContainerShift |
         (mark.direction == Direction::kIngress ? kIngressBit : 0) |
         (mark.rule ? *mark.rule + 1 : kDefaultRule);
}

std::optional<ConnectionMark> ParseMark(uint32_t mark) {
  const uint32_t rule = mark & 0xffff;
  if (rule == 0) return std::nullopt;
  ConnectionMark parsed;
  parsed.container = static_cast<uint16_t>(mark >> kContainerShift);
  if ((mark & kIngressBit) != 0) parsed.direction = Direction::kIngress;
  if (rule != kDefaultRule) parsed.rule = rule - 1;
  return parsed;
}

std::string SetName(Direction direction, size_t rule, std::string_view what) {
  return (direction == Direction::kEgress ? "e" : "i") + std::to_string(rule) + "_" +
         std::string(what);
}

std::string PeerSetName(Direction direction, size_t rule, bool v6) {
  return SetName(direction, rule, v6 ? "peer6" : "peer4");
}

}  // namespace runward
