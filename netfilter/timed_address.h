#pragma once

#include <cstdint>

#include "policy/address.h"

namespace runward {

// An element of a set whose elements expire.
struct TimedAddress {
  Address address;
  uint32_t seconds = 0;  // from now on that it stays
};

}  // namespace runward
