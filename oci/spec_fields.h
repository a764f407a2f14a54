#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

// How members of config.json are read: absent and null are one, anything else of another kind is
// an error that says where it stands. A key spelled twice, or in a case that Go would also accept,
// is an error.
namespace runward {

Result<JsonValue> ObjectField(JsonValue parent, std::string_view key);
Result<JsonValue> ListField(JsonValue parent, std::string_view key);
// Of a string: not with a NUL, at which the system calls that use it would end it.
Result<std::string> PlainText(JsonValue value);
Result<std::string> TextField(JsonValue parent, std::string_view key);  // "" when absent
Result<std::vector<std::string>> TextsField(JsonValue parent, std::string_view key);
Result<bool> BoolField(JsonValue parent, std::string_view key);  // false when absent
Result<std::optional<int64_t>> IntField(JsonValue parent, std::string_view key);
// Up to 2^64 - 1, which is what engines write for "unlimited".
Result<std::optional<uint64_t>> CountField(JsonValue parent, std::string_view key);
Result<uint32_t> IdField(JsonValue parent,
                         std::string_view key);  // of a user or group; 0 if absent
// A map of strings: its keys are compared exactly, as Go does for maps.
Result<std::vector<std::pair<std::string, std::string>>> MapField(JsonValue parent,
                                                                  std::string_view key);

}  // namespace runward
