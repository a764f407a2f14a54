#include "base/json_parser.h"

#include <algorithm>

namespace runward {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

JsonPosition JsonPositionOf(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const size_t newline = before.rfind('\n');
  return {.line = 1 + static_cast<size_t>(std::ranges::count(before, '\n')),
          .column = newline == std::string_view::npos ? offset + 1 : offset - newline};
}

Error JsonParser::FailAt(size_t offset, std::string_view what) const {
  const JsonPosition position = JsonPositionOf(data_.own_text, offset);
  return {"line " + std::to_string(position.line) + ", column " + std::to_string(position.column) +
              ": " + std::string(what),
          ""};
}

Result<void> JsonParser::Run() {
  data_.own_nodes.reserve(data_.own_text.size() / 16 + 1);
  TRY(Value({}, 0));
  TRY(SkipSpace());
  if (at_ != data_.own_text.size()) return Fail("text after the end of the JSON value");
  return {};
}

Result<void> JsonParser::SkipSpaces() {
  while (true) {
    size_t at = at_;
    for (char c = data_.own_text[at]; c == ' ' || c == '\n' || c == '\t' || c == '\r';) {
      c = data_.own_text[++at];
    }
    at_ = at;
    if (peek() != '/' || !limits_.comments) return {};
    TRY(SkipComment());
  }
}

Result<void> JsonParser::SkipComment() {
  const std::string_view kind = rest().substr(0, 2);
  if (kind == "//") {
    const size_t end = data_.own_text.find('\n', at_);
    at_ = end == std::string::npos ? data_.own_text.size() : end + 1;
    return {};
  }
  const size_t end = kind == "/*" ? data_.own_text.find("*/", at_ + 2) : std::string::npos;
  if (end == std::string::npos) return Fail("a comment that does not end");
  at_ = end + 2;
  return {};
}

Result<void> JsonParser::Value(const JsonPiece& key, int depth) {
  if (depth > limits_.max_depth) return Fail("nested too deeply");
  TRY(SkipSpace());
  const auto index = static_cast<uint32_t>(data_.own_nodes.size());
  data_.own_nodes.push_back({.offset = static_cast<uint32_t>(at_),
                             .key_at = key.at,
                             .key_size = key.size,
                             .key_decoded = key.decoded});
  const char c = peek();
  if (c == '{' || c == '[') {
    data_.own_nodes[index].kind = c == '{' ? JsonKind::kObject : JsonKind::kArray;
    ++at_;
    TRY(Container(index, depth));
    if (c == '{') TRY(CheckDuplicates(index));
  } else if (c == '"') {
    const JsonPiece text = TRY(String());
    Node& node = data_.own_nodes[index];
    node.kind = JsonKind::kString;
    node.decoded = text.decoded;
    if (text.decoded) node.children = text.at;
  } else if (c == '-' || IsDigit(c)) {
    data_.own_nodes[index].kind = JsonKind::kNumber;
    TRY(Number());
  } else {
    data_.own_nodes[index].kind = TRY(Literal());
  }
  data_.own_nodes[index].end = static_cast<uint32_t>(at_);
  data_.own_nodes[index].next = static_cast<uint32_t>(data_.own_nodes.size());
  return {};
}

// The members after '{' or '[', up to and with the closing bracket.
Result<void> JsonParser::Container(uint32_t index, int depth) {
  const bool object = data_.own_nodes[index].kind == JsonKind::kObject;
  const char close = object ? '}' : ']';
  TRY(SkipSpace());
  while (peek() != close) {
    JsonPiece key;
    if (object) key = TRY(MemberKey());
    TRY(Value(key, depth + 1));
    ++data_.own_nodes[index].children;
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

Result<JsonPiece> JsonParser::MemberKey() {
  if (peek() != '"') return Fail("expected a key in double quotes");
  const JsonPiece key = TRY(String());
  // Readers in C end the key there: crun would take "root\u0000x" for "root".
  if (data_.View(key).find('\0') != std::string_view::npos) return Fail("a key with a NUL");
  TRY(SkipSpace());
  if (peek() != ':') return Fail("expected ':' after a key");
  ++at_;
  return key;
}

Result<void> JsonParser::Number() {
  if (peek() == '-') ++at_;
  if (peek() == '0' && IsDigit(at_ + 1 < data_.own_text.size() ? data_.own_text[at_ + 1] : '\0')) {
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
  return {};
}

Result<JsonKind> JsonParser::Literal() {
  for (std::string_view literal : {"null", "true", "false"}) {
    if (!rest().starts_with(literal)) continue;
    at_ += literal.size();
    return literal == "null" ? JsonKind::kNull : JsonKind::kBool;
  }
  return Fail(at_ == data_.own_text.size() ? "the text ends too early" : "expected a value");
}

Error JsonParser::Duplicate(uint32_t index) const {
  const Node& node = data_.own_nodes[index];
  return FailAt(node.offset, "key \"" + std::string(data_.KeyOf(node)) + "\" for the second time");
}

Result<void> JsonParser::CheckDuplicates(uint32_t index) {
  constexpr size_t kFew = 8;  // up to which all pairs are quicker than sorting
  const auto end = static_cast<uint32_t>(data_.own_nodes.size());
  const size_t count = data_.own_nodes[index].children;
  if (count < 2) return {};
  keys_.clear();
  for (uint32_t child = index + 1; child < end; child = data_.own_nodes[child].next) {
    const std::string_view key = data_.KeyOf(data_.own_nodes[child]);
    if (count <= kFew) {
      for (const auto& [other, unused] : keys_) {
        if (other == key) return Duplicate(child);
      }
    }
    keys_.emplace_back(key, child);
  }
  if (count <= kFew) return {};
  std::ranges::sort(keys_);
  const auto twin = std::ranges::adjacent_find(
      keys_, [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twin == keys_.end()) return {};
  return Duplicate((twin + 1)->second);
}

}  // namespace runward
