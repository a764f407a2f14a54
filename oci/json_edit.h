#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

// Changes to one place of a document's text; all other bytes stay as they are.
namespace runward {

// The document's text with `value`'s bytes replaced.
std::string WithReplaced(const JsonDocument& document, const JsonValue& value,
                         std::string_view text);
// An object's bytes with one more member ("\"key\":value") at its end.
std::string WithMember(const JsonValue& object, std::string_view member);

}  // namespace runward
