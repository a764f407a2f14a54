#pragma once

#include "policy/schema.h"

namespace runward {

// The keys of a profile's "run" section.
extern const ObjectSpec kRunSchema;

}  // namespace runward
