#include <optional>

#include "tools/secret_import.h"

namespace runward {
namespace {

// A position in the text, and what is being read there.
class EnvReader {
 public:
  EnvReader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  Result<Imported> Read() {
    while (at_ < text_.size()) TRY(ReadLine());
    return std::move(found_);
  }

 private:
  Error Bad(const std::string& why) const {
    return {"line " + std::to_string(line_) + ": " + why, "write NAME=value or NAME='value'"};
  }

  // Moves past the line's end.
  void NextLine() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    ++at_;
    ++line_;
  }

  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  [[nodiscard]] bool AtLineEnd() const {
    return at_ >= text_.size() || text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n");
  }

  Result<void> ReadLine() {
    SkipBlanks();
    if (AtLineEnd() || text_[at_] == '#') {
      NextLine();
      return {};
    }
    if (text_.substr(at_).starts_with("export ")) at_ += 7;
    SkipBlanks();
    const size_t equals = text_.find_first_of("=\n", at_);
    if (equals == std::string_view::npos || text_[equals] == '\n') return Bad("there is no '='");
    const std::string_view name = text_.substr(at_, equals - at_);
    at_ = equals + 1;
    SkipBlanks();
    std::string value = TRY(ReadValue());
    TRY(AddImported(path_, name, value, found_));
    NextLine();
    return {};
  }

  Result<std::string> ReadValue() {
    if (AtLineEnd()) return std::string();
    if (text_[at_] == '\'' || text_[at_] == '"') return ReadQuoted(text_[at_]);
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view value = text_.substr(at_, end - at_);
    const size_t comment = value.find(" #");
    value = value.substr(0, comment);
    while (!value.empty() &&
           (value.back() == ' ' || value.back() == '\t' || value.back() == '\r')) {
      value.remove_suffix(1);
    }
    if (value.find('$') != std::string_view::npos) return Expands();
    at_ = end;
    return std::string(value);
  }

  [[nodiscard]] Error Expands() const {
    return {
        "line " + std::to_string(line_) + ": a value with '$' would be expanded by some readers",
        "write it in single quotes where the '$' is meant, or the value itself"};
  }

  Result<std::string> ReadQuoted(char quote) {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\n') ++line_;
      value += quote == '"' ? TRY(InDoubleQuotes()) : text_[at_];
    }
    if (at_ >= text_.size()) return Bad("a quote is not closed");
    ++at_;
    SkipBlanks();
    if (!AtLineEnd() && text_[at_] != '#') return Bad("something follows the closing quote");
    return value;
  }

  Result<char> InDoubleQuotes() {
    if (text_[at_] == '$') return Expands();
    if (text_[at_] != '\\') return text_[at_];
    const std::optional<char> escaped = Escape();
    if (!escaped) return Bad("an escape other than \\n \\r \\t \\\" \\\\ \\$");
    return *escaped;
  }

  // After a backslash: what the two mean; moves to the second.
  std::optional<char> Escape() {
    ++at_;
    if (at_ >= text_.size()) return std::nullopt;
    constexpr std::string_view kFrom = "nrt\"\\$";
    constexpr std::string_view kTo = "\n\r\t\"\\$";
    const size_t found = kFrom.find(text_[at_]);
    if (found == std::string_view::npos) return std::nullopt;
    return kTo[found];
  }

  std::string_view text_;
  std::string path_;
  size_t at_ = 0;
  size_t line_ = 1;
  Imported found_;
};

}  // namespace

Result<Imported> ImportEnv(std::string_view text, const std::string& path) {
  return EnvReader(text, path).Read();
}

}  // namespace runward
