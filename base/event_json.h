#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// Builds the rest of a line of JSON, after its first members, from strings that are escaped
// already. Empty texts and lists are left out: an absent member says as much in fewer bytes.
class JsonLine {
 public:
  void Open(std::string_view key, char bracket) {
    Key(key);
    text_ += bracket;
    first_ = true;
  }
  // An element of a list.
  void OpenItem(char bracket) {
    if (!first_) text_ += ',';
    text_ += bracket;
    first_ = true;
  }
  void Close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  void Text(std::string_view key, std::string_view escaped) {
    if (escaped.empty()) return;
    Key(key);
    Quote(escaped);
  }
  void Number(std::string_view key, int64_t value) {
    Key(key);
    text_ += std::to_string(value);
  }
  void Bool(std::string_view key, bool value) {
    Key(key);
    text_ += value ? "true" : "false";
  }
  void List(std::string_view key, const std::vector<std::string>& escaped) {
    if (escaped.empty()) return;
    Open(key, '[');
    for (const std::string& item : escaped) {
      if (!first_) text_ += ',';
      first_ = false;
      Quote(item);
    }
    Close(']');
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  void Key(std::string_view key) {
    if (!first_) text_ += ',';
    first_ = false;
    Quote(key);
    text_ += ':';
  }
  void Quote(std::string_view escaped) {
    text_ += '"';
    text_ += escaped;
    text_ += '"';
  }

  std::string text_;
  bool first_ = false;
};

}  // namespace runward
