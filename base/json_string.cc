#include <array>

#include "base/json_parser.h"

// The strings of JsonParser: escapes and UTF-8.
namespace runward {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What stands for itself in a string: ASCII but for controls, the quote and the backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void AppendUtf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int extra = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr unsigned kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(kLead[extra] | code >> (6 * extra));
  for (int i = extra - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
}

// How many bytes follow a lead byte, and the range of the first of them (Unicode 15, table 3-7:
// no overlong forms, no surrogates, nothing above U+10FFFF). 0 for a byte that leads nothing.
struct Utf8Rule {
  int extra;
  unsigned char low;
  unsigned char high;
};
Utf8Rule RuleOf(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return {1, 0x80, 0xbf};
  if (lead == 0xe0) return {2, 0xa0, 0xbf};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {2, 0x80, 0xbf};
  if (lead == 0xf0) return {3, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {3, 0x80, 0xbf};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

Result<JsonPiece> JsonParser::String() {
  const size_t start = ++at_;  // past the quote
  while (true) {
    const char* const end = data_.own_text.data() + data_.own_text.size();
    const char* c = data_.own_text.data() + at_;
    while (c != end && kPlain[static_cast<unsigned char>(*c)]) ++c;
    at_ = static_cast<size_t>(c - data_.own_text.data());
    if (peek() == '"') {
      ++at_;
      return JsonPiece{static_cast<uint32_t>(start), static_cast<uint32_t>(at_ - start - 1)};
    }
    if (peek() == '\\') return EscapedString(start);
    if (static_cast<unsigned char>(peek()) < 0x20)
      return Fail(at_ < data_.own_text.size() ? "a control character in a string"
                                              : "a string that does not end");
    TRY(Utf8Sequence());
  }
}

Result<JsonPiece> JsonParser::EscapedString(size_t start) {
  std::string out = data_.own_text.substr(start, at_ - start);
  while (peek() != '"') {
    const auto c = static_cast<unsigned char>(peek());
    if (c == '\\') {
      TRY(Escape(out));
      continue;
    }
    if (c < 0x20)
      return Fail(at_ < data_.own_text.size() ? "a control character in a string"
                                              : "a string that does not end");
    const size_t from = at_;
    if (c < 0x80) {
      ++at_;
    } else {
      TRY(Utf8Sequence());
    }
    out.append(data_.own_text, from, at_ - from);
  }
  ++at_;
  data_.decoded.push_back(std::move(out));
  return JsonPiece{.at = static_cast<uint32_t>(data_.decoded.size() - 1), .decoded = true};
}

Result<void> JsonParser::Escape(std::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  const size_t start = at_++;
  const char c = peek();
  ++at_;
  const size_t simple = kNames.find(c);
  if (simple != std::string_view::npos && c != '\0') {
    out += kValues[simple];
    return {};
  }
  if (c != 'u') return FailAt(start, "an unknown escape in a string");
  unsigned code = TRY(FourHex());
  if (code >= 0xd800 && code < 0xdc00 && rest().starts_with("\\u")) {
    at_ += 2;
    const unsigned low = TRY(FourHex());
    if (low < 0xdc00 || low > 0xdfff) return FailAt(start, "half of a surrogate pair");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xd800 && code < 0xe000) {
    return FailAt(start, "half of a surrogate pair");
  }
  AppendUtf8(code, out);
  return {};
}

Result<unsigned> JsonParser::FourHex() {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    unsigned digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10;
    } else {
      return Fail("expected four hex digits after \\u");
    }
    code = code * 16 + digit;
  }
  return code;
}

Result<void> JsonParser::Utf8Sequence() {
  const std::string_view text = rest();
  const Utf8Rule rule = RuleOf(static_cast<unsigned char>(text[0]));
  if (rule.extra == 0 || text.size() <= static_cast<size_t>(rule.extra)) {
    return Fail("bytes that are not UTF-8");
  }
  for (int i = 1; i <= rule.extra; ++i) {
    const auto c = static_cast<unsigned char>(text[static_cast<size_t>(i)]);
    const unsigned char low = i == 1 ? rule.low : 0x80;
    const unsigned char high = i == 1 ? rule.high : 0xbf;
    if (c < low || c > high) return Fail("bytes that are not UTF-8");
  }
  at_ += static_cast<size_t>(rule.extra) + 1;
  return {};
}

}  // namespace runward
