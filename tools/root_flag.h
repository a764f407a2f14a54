#pragma once

#include <string>

namespace runward {

// "--runward-root=DIR", which commands in hints get from then on, so that they can be typed as they
// stand; "" for none.
void SetRootFlag(const std::string& flag);

// The hint with the flag in each "runwardctl …" of it that has none.
std::string WithRootFlag(std::string hint);

}  // namespace runward
