#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runward {

// What ties a record to the one before it. It stands at the start of every line, so that a writer
// finds its place in the chain without parsing JSON.
struct EventLink {
  int64_t seq = 0;         // from 1, without gaps, across rotations
  std::string prev;        // SHA-256 (hex) of the line before it, its newline left out
  int64_t torn_bytes = 0;  // bytes of an unfinished write that the writer found and closed
  int64_t dropped_to = 0;  // records up to this one were deleted with their rotated file
};

inline constexpr std::string_view kNoRecord =
    "0000000000000000000000000000000000000000000000000000000000000000";  // prev of record 1

// What closes an unfinished write, so that it can never read as a record.
inline constexpr std::string_view kTornMark = "#torn\n";

inline constexpr size_t kMaxLinkBytes = 224;

// The line's beginning up to where the record's own members follow.
std::string LinkText(const EventLink& link);

// The link of a whole line (without its newline); nullopt when it is no record of ours. Looks at
// the line's beginning and its last byte only: that the rest is JSON is the reader's to check.
std::optional<EventLink> ParseLink(std::string_view line);

}  // namespace runward
