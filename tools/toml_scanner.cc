#include "tools/toml_scanner.h"

#include <algorithm>

namespace runward {
namespace {

constexpr int kMaxDepth = 32;

}  // namespace

bool TomlScanner::AtLineEnd() const {
  return AtEnd() || peek() == '\n' || text_.substr(at_, 2) == "\r\n";
}

Error TomlScanner::Fail(const std::string& what) const {
  const auto line = 1 + std::ranges::count(text_.substr(0, at_), '\n');
  return Error{"line " + std::to_string(line) + ": " + what, ""};
}

void TomlScanner::SkipSpaces() {
  while (peek() == ' ' || peek() == '\t') ++at_;
}

void TomlScanner::SkipComment() {
  while (!AtLineEnd()) ++at_;
}

void TomlScanner::SkipBlankLines() {
  while (true) {
    SkipSpaces();
    if (peek() == '#') SkipComment();
    if (AtEnd() || !AtLineEnd()) return;
    at_ += peek() == '\r' ? 2 : 1;
  }
}

bool TomlScanner::Take(char c) {
  SkipSpaces();
  if (peek() != c) return false;
  ++at_;
  return true;
}

Result<void> TomlScanner::FinishLine() {
  SkipSpaces();
  if (peek() == '#') SkipComment();
  if (!AtLineEnd()) return Fail("more than one thing in a line");
  if (!AtEnd()) at_ += peek() == '\r' ? 2 : 1;
  return {};
}

Result<std::string> TomlScanner::KeyPart() {
  SkipSpaces();
  const size_t begin = at_;
  if (peek() != '"' && peek() != '\'') {
    while (IsTomlBareKey(peek())) ++at_;
    if (at_ == begin) return Fail("expected a key");
    return std::string(text_.substr(begin, at_ - begin));
  }
  TRY(SkipString());
  const std::string_view key = text_.substr(begin + 1, at_ - begin - 2);
  if (text_.substr(begin, 3) == "\"\"\"" || text_.substr(begin, 3) == "'''") {
    return Fail("a key in triple quotes");
  }
  if (text_[begin] == '"' && key.find('\\') != std::string_view::npos) {
    return Fail("a key with an escape, which is not understood");
  }
  return std::string(key);
}

Result<TomlPath> TomlScanner::Key() {
  TomlPath path;
  do {
    path.push_back(TRY(KeyPart()));
  } while (Take('.'));
  return path;
}

Result<void> TomlScanner::SkipLongString(std::string_view quotes) {
  for (at_ += 3; !AtEnd(); ++at_) {
    if (peek() == '\\' && quotes[0] == '"') {
      ++at_;
    } else if (text_.substr(at_, 3) == quotes) {
      at_ += 3;
      // Up to two quotes may stand before the closing three.
      for (int more = 0; more < 2 && peek() == quotes[0]; ++more) ++at_;
      return {};
    }
  }
  return Fail("a string that does not end");
}

Result<void> TomlScanner::SkipString() {
  const char quote = peek();
  const std::string quotes(3, quote);
  if (text_.substr(at_, 3) == quotes) return SkipLongString(quotes);
  for (++at_; !AtLineEnd(); ++at_) {
    if (peek() == '\\' && quote == '"') {
      ++at_;
      if (AtLineEnd()) break;
    } else if (peek() == quote) {
      ++at_;
      return {};
    }
  }
  return Fail("a string that does not end in its line");
}

Result<void> TomlScanner::SkipBracketed(char close, int depth) {
  if (depth >= kMaxDepth) return Fail("nested too deeply");
  ++at_;
  while (true) {
    SkipBlankLines();
    if (AtEnd()) return Fail(std::string("expected '") + close + "'");
    if (Take(close)) return {};
    if (close == '}') {
      (void)TRY(Key());
      if (!Take('=')) return Fail("expected '=' after a key");
      SkipSpaces();
    }
    TRY(SkipValue(depth + 1));
    SkipBlankLines();
    if (!Take(',') && peek() != close) return Fail("expected a comma between values");
  }
}

Result<void> TomlScanner::SkipValue(int depth) {
  const char c = peek();
  if (c == '"' || c == '\'') return SkipString();
  if (c == '[') return SkipBracketed(']', depth);
  if (c == '{') return SkipBracketed('}', depth);
  const size_t begin = at_;
  while (!AtLineEnd() && std::string_view(",]}# \t").find(peek()) == std::string_view::npos) ++at_;
  if (at_ == begin) return Fail("expected a value");
  return {};
}

}  // namespace runward
