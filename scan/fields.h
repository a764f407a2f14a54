#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "policy/image_rule.h"
#include "policy/names.h"

namespace runward {

// Members of a report's objects, strictly: absent or null, or of the one kind; anything else is an
// error with its position.

// That the text of a file does not begin with a byte order mark.
Result<void> CheckNoByteOrderMark(std::string_view text);

Error BadField(const JsonValue& value, std::string_view what);
// `value` itself as an object, such as an element of a list.
Result<JsonValue> ObjectIn(JsonValue value);

Result<JsonValue> ObjectOf(JsonValue object, std::string_view name);  // absent when null
Result<JsonValue> ListOf(JsonValue object, std::string_view name);    // absent when null
Result<std::string> TextOf(JsonValue object, std::string_view name);  // "" when absent
Result<std::string> NeededText(JsonValue object, std::string_view name);
Result<std::vector<std::string>> TextsOf(JsonValue object, std::string_view name);
Result<bool> FlagOf(JsonValue object, std::string_view name);  // false when absent
Result<std::optional<double>> NumberOf(JsonValue object, std::string_view name, double min,
                                       double max);
// RFC 3339; "" and Go's zero time are absent.
Result<std::optional<Time>> TimeOf(JsonValue object, std::string_view name);
Result<Severity> SeverityOf(JsonValue object, std::string_view name);  // unknown when absent
Result<std::optional<Digest>> DigestOf(JsonValue object, std::string_view name);
Result<std::vector<Digest>> DigestsOf(JsonValue object, std::string_view name);
// The digests behind the '@' of "name@sha256:…".
Result<std::vector<Digest>> RepoDigestsOf(JsonValue object, std::string_view name);

// The same of an object that is itself a member: TextOf(ObjectOf(a, "b"), "c").
inline Result<JsonValue> ObjectOf(const Result<JsonValue>& object, std::string_view name) {
  return object.ok() ? ObjectOf(object.value(), name) : object.error();
}
inline Result<std::string> TextOf(const Result<JsonValue>& object, std::string_view name) {
  return object.ok() ? TextOf(object.value(), name) : object.error();
}
inline Result<std::string> NeededText(const Result<JsonValue>& object, std::string_view name) {
  return object.ok() ? NeededText(object.value(), name) : object.error();
}
inline Result<std::vector<std::string>> TextsOf(const Result<JsonValue>& object,
                                                std::string_view name) {
  return object.ok() ? TextsOf(object.value(), name) : object.error();
}
inline Result<std::optional<double>> NumberOf(const Result<JsonValue>& object,
                                              std::string_view name, double min, double max) {
  return object.ok() ? NumberOf(object.value(), name, min, max) : object.error();
}
inline Result<std::optional<Time>> TimeOf(const Result<JsonValue>& object, std::string_view name) {
  return object.ok() ? TimeOf(object.value(), name) : object.error();
}
inline Result<std::optional<Digest>> DigestOf(const Result<JsonValue>& object,
                                              std::string_view name) {
  return object.ok() ? DigestOf(object.value(), name) : object.error();
}

}  // namespace runward
