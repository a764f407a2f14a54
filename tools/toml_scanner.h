#pragma once

#include <cctype>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tools/toml.h"

namespace runward {

inline bool IsTomlBareKey(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// A position in a TOML text, and what can stand there. Part of ReadToml.
class TomlScanner {
 public:
  explicit TomlScanner(std::string_view text) : text_(text) {}

  [[nodiscard]] size_t at() const { return at_; }
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] bool AtLineEnd() const;
  [[nodiscard]] char peek() const { return AtEnd() ? '\0' : text_[at_]; }
  [[nodiscard]] Error Fail(const std::string& what) const;

  void SkipSpaces();  // blanks and tabs
  bool Take(char c);  // after blanks
  // A key, dotted or not.
  Result<TomlPath> Key();
  // Any value, to its end.
  Result<void> SkipValue(int depth = 0);
  // Blanks, a comment, the line's end; anything else is an Error.
  Result<void> FinishLine();

 private:
  Result<std::string> KeyPart();
  Result<void> SkipString();
  Result<void> SkipLongString(std::string_view quotes);
  Result<void> SkipBracketed(char close, int depth);
  void SkipBlankLines();
  void SkipComment();

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace runward
