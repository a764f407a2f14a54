#pragma once

#include <string>
#include <vector>

#include "tools/network_map.h"

namespace runward {

// A profile's "network" under which just these flows would be allowed, and all else denied.
struct SuggestedNetwork {
  std::string text;                   // {"network": {...}}, JSON
  std::vector<std::string> left_out;  // flows of which the log knows too little, as a person reads
};

// Addresses that follow one another become prefixes and ranges, ports ranges; what is spoken with
// the same addresses is one rule.
SuggestedNetwork SuggestNetwork(const std::vector<SeenFlow>& flows);

}  // namespace runward
