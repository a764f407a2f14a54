#pragma once

#include <string>

#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/validate.h"

namespace runward {

// The keys of one element of a profile's "secrets" section.
extern const ObjectSpec kSecretSchema;

// What no table of keys can say about the section: names, places and variables that collide or that
// nothing could be put at, and a profile that would hand secrets to an image that nobody vouches
// for.
void CheckSecrets(const Profile& profile, Problems& problems);

// In which ways the section `is` is laxer than `was`: "secrets hand out ..."; "" when it is not.
std::string SecretsLaxerWays(const JsonValue& was, const JsonValue& is);

}  // namespace runward
