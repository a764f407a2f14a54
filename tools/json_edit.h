#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace runward {

// Changes one member in the text of a JSON file that a person wrote, and not a byte elsewhere:
// order, indentation, comments and line ends stay. The text must be good JSON (comments may be in
// it) whose root is an object, without duplicate keys; otherwise nothing is changed and the Error
// says where.

using JsonPath = std::span<const std::string_view>;

// Parses as the functions below do; a file that is empty is read as {}.
Result<JsonDocument> ReadJsonFile(const std::string& text);

// The value at `path`, absent when there is none. An Error when a member on the way differs only in
// case from what is looked for (Go reads both as one), or is no object.
Result<JsonValue> FindJsonMember(const JsonDocument& document, JsonPath path);

// Puts `value` (JSON, as nlohmann's dump(2) writes it) at `path`: replaces what is there, or adds
// the member at its object's end, and objects on the way that are missing.
Result<std::string> SetJsonMember(const std::string& text, JsonPath path, const std::string& value);

// Takes the member at `path` out, with its comma; no change when there is none.
Result<std::string> RemoveJsonMember(const std::string& text, JsonPath path);

}  // namespace runward
