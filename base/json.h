#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

// A strict reader for the JSON that decides something (RFC 8259). Our own, because what is decided
// on must be read one way only and fast: duplicate keys, invalid UTF-8, lone surrogates and
// trailing text are errors, every value knows its line and column, and strings are views of the
// text. It writes nothing; output goes through nlohmann/json.
struct JsonLimits {
  size_t max_bytes = size_t{4} << 20;
  int max_depth = 64;
  bool comments = false;  // "//" and "/* */", and a trailing comma: for files that people write
};

enum class JsonKind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

struct JsonPosition {
  size_t line = 1;    // from 1
  size_t column = 1;  // from 1, in bytes
};

// Of the byte at `offset` in `text`.
JsonPosition JsonPositionOf(std::string_view text, size_t offset);

class JsonDocument;

// One value of a document; a view, valid while the document lives (moving the document keeps it
// valid). A default-made one is "absent": false, null, without members.
class JsonValue {
 public:
  JsonValue() = default;

  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] JsonKind kind() const;
  [[nodiscard]] bool IsObject() const { return *this && kind() == JsonKind::kObject; }
  [[nodiscard]] bool IsArray() const { return *this && kind() == JsonKind::kArray; }
  [[nodiscard]] bool IsString() const { return *this && kind() == JsonKind::kString; }

  // The member's name, decoded; "" for what is not an object's member.
  [[nodiscard]] std::string_view key() const;
  // A string's decoded content, a number's or literal's text; "" for containers and absent values.
  [[nodiscard]] std::string_view text() const;
  // The exact bytes of the value in the document.
  [[nodiscard]] std::string_view raw() const;
  // Fails with the position, unless a number without fraction or exponent that fits / true or
  // false.
  [[nodiscard]] Result<int64_t> Int() const;
  [[nodiscard]] Result<bool> Bool() const;
  [[nodiscard]] Result<std::string_view> String() const;

  // The member of exactly that name; absent when there is none or this is no object.
  [[nodiscard]] JsonValue Find(std::string_view name) const;
  // As Find, but an error when a member's name differs from `name` only in case: Go's
  // encoding/json, which runc uses, reads "Root" as "root" (and U+017F as s, U+212A as k).
  [[nodiscard]] Result<JsonValue> Field(std::string_view name) const;

  [[nodiscard]] size_t size() const;  // members or elements
  class Iterator;
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

  [[nodiscard]] JsonPosition position() const;
  // "line 3, column 7"
  [[nodiscard]] std::string Where() const;

 private:
  friend class JsonDocument;
  friend class JsonParser;
  struct Node;
  struct Data;
  JsonValue(const Data* data, uint32_t index) : data_(data), index_(index) {}
  [[nodiscard]] const Node& node() const;

  const Data* data_ = nullptr;
  uint32_t index_ = 0;
};

class JsonValue::Iterator {
 public:
  explicit Iterator(JsonValue value) : value_(value) {}
  JsonValue operator*() const { return value_; }
  Iterator& operator++();
  bool operator==(const Iterator& other) const {
    return value_.data_ == other.value_.data_ && value_.index_ == other.value_.index_;
  }

 private:
  JsonValue value_;
};

class JsonDocument {
 public:
  // Errors say line and column.
  static Result<JsonDocument> Parse(std::string text, const JsonLimits& limits = {});

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  // A document as Parse made it of exactly this text before; `compiled` is what Compiled() gave
  // then, in this build of this program, at an address that is a multiple of kCompiledAlignment.
  // Neither is copied; `owner` keeps both. Memory-safe with any bytes, but believes what they say:
  // they must come from where only root writes. Errors when they cannot belong to the text.
  static Result<JsonDocument> Restore(std::string_view text, std::string_view compiled,
                                      std::shared_ptr<const void> owner);
  static constexpr size_t kCompiledAlignment = 4;
  // "" for a document that cannot be restored (its strings have escapes).
  [[nodiscard]] std::string Compiled() const;

  [[nodiscard]] JsonValue root() const;
  [[nodiscard]] std::string_view text() const;

 private:
  explicit JsonDocument(std::unique_ptr<JsonValue::Data> data);
  std::unique_ptr<JsonValue::Data> data_;
};

// Whether Go's encoding/json takes the two names for the same struct field.
bool GoFoldEqual(std::string_view a, std::string_view b);

}  // namespace runward
