#include "base/clock.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace runward {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
struct Unit {
  char letter;
  int64_t ns;
};
constexpr std::array<Unit, 4> kUnits = {
    {{'d', 86400 * kSecond}, {'h', 3600 * kSecond}, {'m', 60 * kSecond}, {'s', kSecond}}};

// Takes exactly `digits` digits off `text`.
std::optional<int> TakeNumber(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> TakeDate(std::string_view& text) {
  using namespace std::chrono;
  const auto year_number = TakeNumber(text, 4);
  if (!year_number || !TakeChar(text, '-')) return std::nullopt;
  const auto month_number = TakeNumber(text, 2);
  if (!month_number || !TakeChar(text, '-')) return std::nullopt;
  const auto day_number = TakeNumber(text, 2);
  if (!day_number) return std::nullopt;
  const year_month_day date = year{*year_number} / month{static_cast<unsigned>(*month_number)} /
                              day{static_cast<unsigned>(*day_number)};
  if (!date.ok() || *year_number < 1970 || *year_number > 2261) return std::nullopt;
  return duration_cast<seconds>(sys_days{date}.time_since_epoch()).count();
}

std::optional<int64_t> TakeClock(std::string_view& text) {
  const auto hour = TakeNumber(text, 2);
  if (!hour || !TakeChar(text, ':')) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || !TakeChar(text, ':')) return std::nullopt;
  const auto second = TakeNumber(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return int64_t{*hour} * 3600 + int64_t{*minute} * 60 + *second;
}

std::optional<int64_t> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, '.')) return 0;
  int64_t ns = 0;
  size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
    if (digits < 9) ns = ns * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 9; ++digits) ns *= 10;
  return ns;
}

// The zone's offset in seconds, to be subtracted.
std::optional<int64_t> TakeZone(std::string_view& text) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return 0;
  const bool east = TakeChar(text, '+');
  if (!east && !TakeChar(text, '-')) return std::nullopt;
  const auto hour = TakeNumber(text, 2);
  if (!hour || !TakeChar(text, ':')) return std::nullopt;
  const auto minute = TakeNumber(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  const int64_t offset = int64_t{*hour} * 3600 + int64_t{*minute} * 60;
  return east ? offset : -offset;
}

}  // namespace

Time Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec * kSecond + now.tv_nsec};
}

std::optional<Time> ParseTime(std::string_view text, bool date_only) {
  const auto date = TakeDate(text);
  if (!date) return std::nullopt;
  if (date_only && text.empty()) return Time{*date * kSecond};
  if (!TakeChar(text, 'T') && !TakeChar(text, 't')) return std::nullopt;
  const auto clock = TakeClock(text);
  if (!clock) return std::nullopt;
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  const auto zone = TakeZone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const Time time{(*date + *clock - *zone) * kSecond + *fraction};
  if (time.ns < 0) return std::nullopt;
  return time;
}

std::string FormatTime(Time time) {
  const time_t seconds = time.ns / kSecond;
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> buffer{};
  const size_t length = strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(buffer.data() + length, buffer.size() - length, ".%03dZ",
                static_cast<int>(time.ns % kSecond / 1'000'000));
  return buffer.data();
}

std::optional<int64_t> ParseDuration(std::string_view text) {
  constexpr int64_t kLongest = int64_t{9125} * 86400 * kSecond;
  if (text.size() < 2) return std::nullopt;
  int64_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || stop != end || count < 0 || text.front() == '-') return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    if (count > kLongest / unit.ns) return std::nullopt;
    return count * unit.ns;
  }
  return std::nullopt;
}

std::string FormatDuration(int64_t ns) {
  for (const Unit& unit : kUnits) {
    const int64_t count = ns / unit.ns;
    if (count > 0 && ns % unit.ns < ns / 10 + 1) return std::to_string(count) + unit.letter;
  }
  return std::to_string(ns / kSecond) + "s";
}

}  // namespace runward
