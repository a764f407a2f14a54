#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runward {

// Text that an attacker may have chosen, made harmless before it is logged or shown: control
// characters (C0, DEL, C1), characters that reorder or hide text (bidirectional marks, zero widths,
// line separators) become \uXXXX, and bytes that are not UTF-8 become U+FFFD. Letters that merely
// look alike are left alone.

// The content of a JSON string, without its quotes. Looks at no more than `max` bytes of `text`
// plus one, and cuts the result to `max` bytes with CutEscaped.
std::string EscapeJson(std::string_view text, size_t max);

// For a terminal: as EscapeJson, but quotes and backslashes stay as they are.
std::string Printable(std::string_view text);

inline constexpr std::string_view kCutMark = "…[cut]";

// Shortens what EscapeJson made to at most `max` bytes (at least the mark's own), ending in
// kCutMark, never inside an escape or a UTF-8 sequence.
void CutEscaped(std::string& escaped, size_t max);

}  // namespace runward
