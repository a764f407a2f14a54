#include "base/json_parser.h"

#include <algorithm>

namespace runward {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

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

JsonPosition JsonPositionOf(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const size_t newline = before.rfind('\n');
  return {.line = 1 + static_cast<size_t>(std::ranges::count(before, '\n')),
          .column = newline == std::string_view::npos ? offset + 1 : offset - newline};
}

Error JsonParser::FailAt(size_t offset, std::string_view what) const {
  const JsonPosition position = JsonPositionOf(data_.text, offset);
  return {"line " + std::to_string(position.line) + ", column " + std::to_string(position.column) +
              ": " + std::string(what),
          ""};
}

Result<void> JsonParser::Run() {
  data_.nodes.reserve(data_.text.size() / 16 + 1);
  TRY(Value("", 0));
  TRY(SkipSpace());
  if (at_ != data_.text.size()) return Fail("text after the end of the JSON value");
  return {};
}

Result<void> JsonParser::SkipSpace() {
  while (true) {
    const char c = peek();
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '/' && limits_.comments) {
      TRY(SkipComment());
    } else {
      return {};
    }
  }
}

Result<void> JsonParser::SkipComment() {
  const std::string_view kind = rest().substr(0, 2);
  if (kind == "//") {
    const size_t end = data_.text.find('\n', at_);
    at_ = end == std::string::npos ? data_.text.size() : end + 1;
    return {};
  }
  const size_t end = kind == "/*" ? data_.text.find("*/", at_ + 2) : std::string::npos;
  if (end == std::string::npos) return Fail("a comment that does not end");
  at_ = end + 2;
  return {};
}

Result<void> JsonParser::Value(std::string_view key, int depth) {
  if (depth > limits_.max_depth) return Fail("nested too deeply");
  TRY(SkipSpace());
  const auto index = static_cast<uint32_t>(data_.nodes.size());
  data_.nodes.push_back({.key = key, .offset = static_cast<uint32_t>(at_)});
  const char c = peek();
  if (c == '{' || c == '[') {
    data_.nodes[index].kind = c == '{' ? JsonKind::kObject : JsonKind::kArray;
    ++at_;
    TRY(Container(index, depth));
    if (c == '{') TRY(CheckDuplicates(index));
  } else if (c == '"') {
    data_.nodes[index].kind = JsonKind::kString;
    data_.nodes[index].text = TRY(String());
  } else if (c == '-' || IsDigit(c)) {
    TRY(Number(data_.nodes[index]));
  } else {
    TRY(Literal(data_.nodes[index]));
  }
  data_.nodes[index].end = static_cast<uint32_t>(at_);
  data_.nodes[index].next = static_cast<uint32_t>(data_.nodes.size());
  return {};
}

// The members after '{' or '[', up to and with the closing bracket.
Result<void> JsonParser::Container(uint32_t index, int depth) {
  const bool object = data_.nodes[index].kind == JsonKind::kObject;
  const char close = object ? '}' : ']';
  TRY(SkipSpace());
  while (peek() != close) {
    std::string_view key;
    if (object) key = TRY(MemberKey());
    TRY(Value(key, depth + 1));
    ++data_.nodes[index].children;
    TRY(SkipSpace());
    if (peek() == close) break;
    if (peek() != ',') return Fail(object ? "expected ',' or '}'" : "expected ',' or ']'");
    ++at_;
    TRY(SkipSpace());
    if (peek() == close && !limits_.comments) return Fail("a comma with nothing after it");
  }
  ++at_;
  return {};
}

Result<std::string_view> JsonParser::MemberKey() {
  if (peek() != '"') return Fail("expected a key in double quotes");
  const std::string_view key = TRY(String());
  TRY(SkipSpace());
  if (peek() != ':') return Fail("expected ':' after a key");
  ++at_;
  return key;
}

Result<void> JsonParser::Number(Node& node) {
  const size_t start = at_;
  if (peek() == '-') ++at_;
  if (peek() == '0' && IsDigit(at_ + 1 < data_.text.size() ? data_.text[at_ + 1] : '\0')) {
    return Fail("a number with a leading zero");
  }
  const auto digits = [this] {
    const size_t from = at_;
    while (IsDigit(peek())) ++at_;
    return at_ > from;
  };
  bool good = digits();
  if (good && peek() == '.') {
    ++at_;
    good = digits();
  }
  if (good && (peek() == 'e' || peek() == 'E')) {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    good = digits();
  }
  if (!good) return Fail("a number that is not complete");
  node.kind = JsonKind::kNumber;
  node.text = std::string_view(data_.text).substr(start, at_ - start);
  return {};
}

Result<void> JsonParser::Literal(Node& node) {
  for (std::string_view literal : {"null", "true", "false"}) {
    if (!rest().starts_with(literal)) continue;
    node.kind = literal == "null" ? JsonKind::kNull : JsonKind::kBool;
    node.text = rest().substr(0, literal.size());
    at_ += literal.size();
    return {};
  }
  return Fail(at_ == data_.text.size() ? "the text ends too early" : "expected a value");
}

Result<std::string_view> JsonParser::String() {
  const size_t start = ++at_;  // past the quote
  while (true) {
    const auto c = static_cast<unsigned char>(peek());
    if (c == '"') {
      ++at_;
      return std::string_view(data_.text).substr(start, at_ - start - 1);
    }
    if (c == '\\') return EscapedString(start);
    if (c < 0x20)
      return Fail(at_ < data_.text.size() ? "a control character in a string"
                                          : "a string that does not end");
    if (c < 0x80) {
      ++at_;
    } else {
      TRY(Utf8Sequence());
    }
  }
}

Result<std::string_view> JsonParser::EscapedString(size_t start) {
  std::string out = data_.text.substr(start, at_ - start);
  while (peek() != '"') {
    const auto c = static_cast<unsigned char>(peek());
    if (c == '\\') {
      TRY(Escape(out));
      continue;
    }
    if (c < 0x20)
      return Fail(at_ < data_.text.size() ? "a control character in a string"
                                          : "a string that does not end");
    const size_t from = at_;
    if (c < 0x80) {
      ++at_;
    } else {
      TRY(Utf8Sequence());
    }
    out.append(data_.text, from, at_ - from);
  }
  ++at_;
  return std::string_view(data_.decoded.emplace_back(std::move(out)));
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

Result<void> JsonParser::CheckDuplicates(uint32_t index) {
  const Node& object = data_.nodes[index];
  if (object.children < 2) return {};
  keys_.clear();
  const auto end = static_cast<uint32_t>(data_.nodes.size());
  for (uint32_t child = index + 1; child < end; child = data_.nodes[child].next) {
    keys_.emplace_back(data_.nodes[child].key, child);
  }
  std::ranges::sort(keys_);
  const auto twin = std::ranges::adjacent_find(
      keys_, [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twin == keys_.end()) return {};
  return FailAt(data_.nodes[(twin + 1)->second].offset,
                "key \"" + std::string(twin->first) + "\" for the second time");
}

}  // namespace runward
