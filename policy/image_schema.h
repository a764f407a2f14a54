#pragma once

#include <string>

#include "policy/schema.h"
#include "policy/validate.h"

namespace runward {

// The keys of a profile's "image" section.
extern const ObjectSpec kImageSchema;

// What no table of keys can say about the section: keys that ask nothing or contradict.
void CheckImage(const JsonValue& image, Problems& problems);

// In which ways the section `is` is laxer than `was`; "" when it is not. Lists are compared as
// listed.
std::string ImageLaxerWays(const JsonValue& was, const JsonValue& is);

}  // namespace runward
