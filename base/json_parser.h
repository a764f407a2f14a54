#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_data.h"

namespace runward {

// One pass over `data.text` into `data.nodes`. Recursive, its depth bounded by the limits.
class JsonParser {
 public:
  JsonParser(JsonValue::Data& data, const JsonLimits& limits) : data_(data), limits_(limits) {}
  Result<void> Run();

 private:
  using Node = JsonValue::Node;

  [[nodiscard]] std::string_view rest() const {
    return std::string_view(data_.own_text).substr(at_);
  }
  // '\0' at the end of the text, where std::string has one.
  [[nodiscard]] char peek() const { return data_.own_text.c_str()[at_]; }
  [[nodiscard]] Error Fail(std::string_view what) const { return FailAt(at_, what); }
  [[nodiscard]] Error FailAt(size_t offset, std::string_view what) const;

  Result<void> SkipSpace() {
    const char c = peek();
    return c > '/' || c == '"' || c == ',' ? Result<void>() : SkipSpaces();
  }
  Result<void> SkipSpaces();
  Result<void> SkipComment();
  Result<void> Value(const JsonPiece& key, int depth);
  Result<void> Container(uint32_t index, int depth);
  Result<JsonPiece> MemberKey();
  Result<void> Number();
  Result<JsonKind> Literal();
  Result<JsonPiece> String();
  Result<JsonPiece> EscapedString(size_t start);
  Result<void> Escape(std::string& out);
  Result<unsigned> FourHex();
  Result<void> Utf8Sequence();
  Result<void> CheckDuplicates(uint32_t index);
  [[nodiscard]] Error Duplicate(uint32_t index) const;

  JsonValue::Data& data_;
  const JsonLimits& limits_;
  size_t at_ = 0;
  std::vector<std::pair<std::string_view, uint32_t>> keys_;  // scratch of CheckDuplicates
};

}  // namespace runward
