#include "base/event_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace runward {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

struct CodePoint {
  uint32_t value = 0;
  size_t length = 0;  // 0: not UTF-8
};

// RFC 3629, table 3-7 of Unicode: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint Decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  uint32_t value = first & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (overlong || surrogate || value > 0x10ffff) return {};
  return {value, length};
}

struct Range {
  uint32_t first;
  uint32_t last;
};
// Control, bidirectional, invisible and separating characters; sorted.
constexpr std::array<Range, 9> kUnsafe = {{{0x00, 0x1f},
                                           {0x7f, 0x9f},
                                           {0xad, 0xad},
                                           {0x61c, 0x61c},
                                           {0x180e, 0x180e},
                                           {0x200b, 0x200f},
                                           {0x2028, 0x202e},
                                           {0x2060, 0x206f},
                                           {0xfeff, 0xfeff}}};

bool Unsafe(uint32_t value) {
  if (value >= 0xfff9 && value <= 0xffff) return value != 0xfffc && value != 0xfffd;
  return std::any_of(kUnsafe.begin(), kUnsafe.end(), [value](const Range& range) {
    return value >= range.first && value <= range.last;
  });
}

void AppendCodePoint(std::string& out, std::string_view text, CodePoint point) {
  if (point.length == 0 || (point.value >= 0xe0000 && point.value <= 0xe0fff)) {
    out += kReplacement;  // invisible tag characters have no short escape
  } else if (Unsafe(point.value)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[point.value >> shift & 15];
  } else {
    out += text.substr(0, point.length);
  }
}

// What stands for itself.
bool Plain(char c, bool json) {
  return c >= 0x20 && c < 0x7f && !(json && (c == '"' || c == '\\'));
}

std::string Escape(std::string_view text, bool json) {
  std::string out;
  out.reserve(text.size() + 16);
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    while (i < text.size() && Plain(text[i], json)) ++i;
    out += text.substr(begin, i - begin);
    if (i == text.size()) break;
    if (json && (text[i] == '"' || text[i] == '\\')) {
      out += '\\';
      out += text[i++];
      continue;
    }
    const CodePoint point = Decode(text.substr(i));
    AppendCodePoint(out, text.substr(i), point);
    i += std::max<size_t>(point.length, 1);
  }
  return out;
}

// The length of the escape, character or byte that `escaped` begins with.
size_t UnitLength(std::string_view escaped) {
  if (escaped[0] == '\\') return escaped.size() > 1 && escaped[1] == 'u' ? 6 : 2;
  const auto first = static_cast<unsigned char>(escaped[0]);
  return first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

}  // namespace

void CutEscaped(std::string& escaped, size_t max) {
  if (escaped.size() <= max) return;
  const size_t room = max - std::min(max, kCutMark.size());
  size_t end = 0;
  while (true) {
    const size_t unit = UnitLength(std::string_view(escaped).substr(end));
    if (end + unit > room) break;
    end += unit;
  }
  escaped.resize(end);
  escaped += kCutMark;
}

std::string EscapeJson(std::string_view text, size_t max) {
  // Escaping never shortens, so a byte more than `max` is enough to know that it must be cut.
  std::string escaped = Escape(text.substr(0, max + 1), true);
  CutEscaped(escaped, max);
  return escaped;
}

std::string Printable(std::string_view text) { return Escape(text, false); }

}  // namespace runward
