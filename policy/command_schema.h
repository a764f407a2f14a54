#pragma once

#include <string>

#include "policy/schema.h"
#include "policy/validate.h"

namespace runward {

// The keys of a profile's "commands" section.
extern const ObjectSpec kCommandSchema;

// What no table of keys can say about the section: keys that restrict nothing or contradict.
void CheckCommands(const JsonValue& commands, Problems& problems);

// In which ways the section `is` is laxer than `was`: "commands no longer deny ..."; "" when it is
// not. Commands are compared as listed.
std::string CommandsLaxerWays(const JsonValue& was, const JsonValue& is);

}  // namespace runward
