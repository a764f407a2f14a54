#include "base/json.h"

#include <algorithm>
#include <charconv>

#include "base/json_data.h"
#include "base/json_parser.h"

namespace runward {
namespace {

Error WrongKind(const JsonValue& value, std::string_view wanted) {
  std::string message = value.Where() + ": ";
  if (!value.key().empty()) message += "\"" + std::string(value.key()) + "\" ";
  message += "must be ";
  message += wanted;
  return {std::move(message), ""};
}

// Takes one character for the fold that encoding/json does on field names (its foldFunc): ASCII
// letters without case, and the two letters outside ASCII that fold to ASCII ones.
char TakeFolded(std::string_view& text) {
  constexpr std::string_view kLongS = "\xc5\xbf";       // U+017F
  constexpr std::string_view kKelvin = "\xe2\x84\xaa";  // U+212A
  if (text.starts_with(kLongS)) {
    text.remove_prefix(kLongS.size());
    return 's';
  }
  if (text.starts_with(kKelvin)) {
    text.remove_prefix(kKelvin.size());
    return 'k';
  }
  const char c = text.front();
  text.remove_prefix(1);
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool GoFoldEqual(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (TakeFolded(a) != TakeFolded(b)) return false;
  }
  return a.empty() && b.empty();
}

const JsonValue::Node& JsonValue::node() const { return data_->nodes[index_]; }

JsonKind JsonValue::kind() const { return data_ == nullptr ? JsonKind::kNull : node().kind; }

std::string_view JsonValue::key() const { return data_ == nullptr ? "" : data_->KeyOf(node()); }

std::string_view JsonValue::text() const { return data_ == nullptr ? "" : data_->TextOf(node()); }

std::string_view JsonValue::raw() const {
  if (data_ == nullptr) return "";
  return data_->text.substr(node().offset, node().end - node().offset);
}

Result<int64_t> JsonValue::Int() const {
  if (*this && kind() == JsonKind::kNumber) {
    int64_t number = 0;
    const char* end = text().data() + text().size();
    const auto [stop, error] = std::from_chars(text().data(), end, number);
    if (error == std::errc{} && stop == end) return number;
  }
  return WrongKind(*this, "a whole number");
}

Result<bool> JsonValue::Bool() const {
  if (*this && kind() == JsonKind::kBool) return text() == "true";
  return WrongKind(*this, "true or false");
}

Result<std::string_view> JsonValue::String() const {
  if (IsString()) return text();
  return WrongKind(*this, "a string");
}

JsonValue JsonValue::Find(std::string_view name) const {
  if (!IsObject()) return {};
  for (const JsonValue member : *this) {
    if (member.key() == name) return member;
  }
  return {};
}

Result<JsonValue> JsonValue::Field(std::string_view name) const {
  JsonValue found;
  if (!IsObject()) return found;
  for (const JsonValue member : *this) {
    if (member.key() == name) {
      found = member;
    } else if (GoFoldEqual(member.key(), name)) {
      return Error{member.Where() + ": key \"" + std::string(member.key()) +
                       "\" would be read as \"" + std::string(name) + "\" by the runtime",
                   "spell it \"" + std::string(name) + "\""};
    }
  }
  return found;
}

size_t JsonValue::size() const {
  return data_ == nullptr || node().kind == JsonKind::kString ? 0 : node().children;
}

JsonValue::Iterator JsonValue::begin() const {
  if (size() == 0) return end();
  return Iterator(JsonValue(data_, index_ + 1));
}

JsonValue::Iterator JsonValue::end() const {
  if (data_ == nullptr) return Iterator(JsonValue());
  return Iterator(JsonValue(data_, node().next));
}

JsonValue::Iterator& JsonValue::Iterator::operator++() {
  value_.index_ = value_.node().next;
  return *this;
}

JsonPosition JsonValue::position() const {
  if (data_ == nullptr) return {};
  return JsonPositionOf(data_->text, node().offset);
}

std::string JsonValue::Where() const {
  if (data_ == nullptr) return "a missing value";
  const JsonPosition at = position();
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

JsonDocument::JsonDocument(std::unique_ptr<JsonValue::Data> data) : data_(std::move(data)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> JsonDocument::Parse(std::string text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Error{
        "the text is larger than the " + std::to_string(limits.max_bytes) + " bytes allowed", ""};
  }
  auto data = std::make_unique<JsonValue::Data>();
  data->own_text = std::move(text);
  data->text = data->own_text;
  TRY(JsonParser(*data, limits).Run());
  data->nodes = data->own_nodes;
  return JsonDocument(std::move(data));
}

JsonValue JsonDocument::root() const { return JsonValue(data_.get(), 0); }

std::string_view JsonDocument::text() const { return data_->text; }

}  // namespace runward
