#pragma once

#include <string>

#include "policy/schema.h"
#include "policy/validate.h"

namespace runward {

// The keys of a profile's "network" section, and of an element of the policy's "addressGroups".
extern const ObjectSpec kNetworkSchema;
extern const ObjectSpec kAddressGroupSchema;

// What no table of keys can say about the groups and a section: words that mean nothing, ranges
// that are reversed, groups that are not there, rules that do nothing.
void CheckAddressGroups(const JsonValue& groups, Problems& problems);
void CheckNetwork(const JsonValue& network, const JsonValue& groups, Problems& problems);

// In which ways the section `is` is laxer than `was`; "" when it is not. Rules are compared as
// written.
std::string NetworkLaxerWays(const JsonValue& was, const JsonValue& is);

}  // namespace runward
