#include "base/event_link.h"

#include <charconv>

#include "base/event_log.h"

namespace runward {
namespace {

constexpr std::string_view kStart = R"({"unmapped":{"runward":{"seq":)";
constexpr std::string_view kPrev = R"(,"prev":")";
constexpr std::string_view kTorn = R"(,"torn_bytes":)";
constexpr std::string_view kDropped = R"(,"dropped_to":)";
constexpr size_t kHashDigits = 64;
constexpr int64_t kMaxNumber = 999'999'999'999'999'999;  // room to count on from

bool Take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

// A positive number of at most 18 digits, without leading zeros.
bool TakeNumber(std::string_view& text, int64_t& value) {
  if (text.empty() || text[0] < '1' || text[0] > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value > kMaxNumber) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool TakeHash(std::string_view& text, std::string& hash) {
  const std::string_view digits = text.substr(0, kHashDigits);
  if (digits.size() != kHashDigits) return false;
  if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
  hash = digits;
  text.remove_prefix(kHashDigits);
  return Take(text, "\"");
}

}  // namespace

std::string LinkText(const EventLink& link) {
  std::string text(kStart);
  text += std::to_string(link.seq);
  text += kPrev;
  text += link.prev;
  text += '"';
  if (link.torn_bytes > 0) text += std::string(kTorn) + std::to_string(link.torn_bytes);
  if (link.dropped_to > 0) text += std::string(kDropped) + std::to_string(link.dropped_to);
  return text;
}

std::optional<EventLink> ParseLink(std::string_view line) {
  EventLink link;
  if (line.size() >= kMaxEventBytes || !line.ends_with('}')) return std::nullopt;
  if (!Take(line, kStart) || !TakeNumber(line, link.seq)) return std::nullopt;
  if (!Take(line, kPrev) || !TakeHash(line, link.prev)) return std::nullopt;
  if (Take(line, kTorn) && !TakeNumber(line, link.torn_bytes)) return std::nullopt;
  if (Take(line, kDropped) && !TakeNumber(line, link.dropped_to)) return std::nullopt;
  if (!line.starts_with(',')) return std::nullopt;
  return link;
}

}  // namespace runward
