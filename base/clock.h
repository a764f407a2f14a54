#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runward {

// Nanoseconds since 1970-01-01T00:00:00Z. Decisions take one as an argument; only main reads the
// clock.
struct Time {
  int64_t ns = 0;
  auto operator<=>(const Time&) const = default;
};

Time Now();  // CLOCK_REALTIME

// RFC 3339 with any offset and up to nine fractional digits, "2026-11-22T10:00:00Z"; with
// `date_only` also "2026-11-22", which means its start in UTC. Years 1970 to 2261.
std::optional<Time> ParseTime(std::string_view text, bool date_only = false);
std::string FormatTime(Time time);  // UTC, milliseconds: 2026-11-22T10:00:00.000Z

// "90s", "15m", "36h", "7d": a whole number and one unit, in nanoseconds; at most 9125 days (25
// years).
std::optional<int64_t> ParseDuration(std::string_view text);
// The same notation, in the largest unit that loses less than a tenth: "7d", "36h", "90s".
std::string FormatDuration(int64_t ns);

}  // namespace runward
