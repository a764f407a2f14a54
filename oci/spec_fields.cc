#include "oci/spec_fields.h"

#include <charconv>

namespace runward {
namespace {

Error Wrong(JsonValue value, std::string_view key, std::string_view what) {
  return Error{value.Where() + ": \"" + std::string(key) + "\" must be " + std::string(what), ""};
}

// Absent for null.
Result<JsonValue> Present(JsonValue parent, std::string_view key) {
  if (parent && !parent.IsObject()) return Error{parent.Where() + ": not an object", ""};
  const JsonValue value = TRY(parent.Field(key));
  return value && value.kind() == JsonKind::kNull ? JsonValue() : value;
}

Result<JsonValue> Typed(JsonValue parent, std::string_view key, JsonKind kind,
                        std::string_view what) {
  const JsonValue value = TRY(Present(parent, key));
  if (!value || value.kind() == kind) return value;
  return Wrong(value, key, what);
}

template <typename T>
Result<std::optional<T>> NumberField(JsonValue parent, std::string_view key) {
  const JsonValue value = TRY(Typed(parent, key, JsonKind::kNumber, "a whole number"));
  if (!value) return std::optional<T>();
  T number = 0;
  const std::string_view text = value.text();
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status == std::errc{} && end == text.data() + text.size()) return std::optional<T>(number);
  return Wrong(value, key, "a whole number within its range");
}

}  // namespace

Result<JsonValue> ObjectField(JsonValue parent, std::string_view key) {
  return Typed(parent, key, JsonKind::kObject, "an object");
}

Result<JsonValue> ListField(JsonValue parent, std::string_view key) {
  return Typed(parent, key, JsonKind::kArray, "a list");
}

Result<std::string> PlainText(JsonValue value) {
  const std::string_view text = TRY(value.String());
  if (text.find('\0') != std::string_view::npos) {
    return Error{value.Where() + ": a string with a NUL character", ""};
  }
  return std::string(text);
}

Result<std::string> TextField(JsonValue parent, std::string_view key) {
  const JsonValue value = TRY(Typed(parent, key, JsonKind::kString, "a string"));
  if (!value) return std::string();
  return PlainText(value);
}

Result<std::vector<std::string>> TextsField(JsonValue parent, std::string_view key) {
  std::vector<std::string> texts;
  const JsonValue list = TRY(ListField(parent, key));
  for (const JsonValue item : list) texts.push_back(TRY(PlainText(item)));
  return texts;
}

Result<bool> BoolField(JsonValue parent, std::string_view key) {
  const JsonValue value = TRY(Typed(parent, key, JsonKind::kBool, "true or false"));
  return value && value.text() == "true";
}

Result<std::optional<int64_t>> IntField(JsonValue parent, std::string_view key) {
  return NumberField<int64_t>(parent, key);
}

Result<std::optional<uint64_t>> CountField(JsonValue parent, std::string_view key) {
  return NumberField<uint64_t>(parent, key);
}

Result<uint32_t> IdField(JsonValue parent, std::string_view key) {
  const JsonValue value = TRY(Present(parent, key));
  if (!value) return uint32_t{0};
  const int64_t id = TRY(value.Int());
  // The highest is (uid_t)-1, by which setuid(2) and its kin leave the id as it is: root's.
  if (id < 0 || id >= UINT32_MAX) return Wrong(value, key, "a user or group id");
  return static_cast<uint32_t>(id);
}

Result<std::vector<std::pair<std::string, std::string>>> MapField(JsonValue parent,
                                                                  std::string_view key) {
  std::vector<std::pair<std::string, std::string>> map;
  const JsonValue object = TRY(ObjectField(parent, key));
  for (const JsonValue member : object) {
    // Go takes null for "".
    const bool null = member.kind() == JsonKind::kNull;
    map.emplace_back(member.key(), null ? std::string() : TRY(PlainText(member)));
  }
  return map;
}

}  // namespace runward
