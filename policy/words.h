#pragma once

#include <string_view>
#include <vector>

#include "policy/schema.h"

namespace runward {

// Values of the policy that are words of a vocabulary: capabilities, system calls, accounts, paths
// of the host and devices.

bool IsWordShape(Shape shape);
// Whether the text is a word of that shape.
bool IsWord(Shape shape, std::string_view text);
// "a capability such as ..."
std::string_view WantedWord(Shape shape);
// All words, to name the nearest; empty where there is no end of them.
std::vector<std::string_view> KnownWords(Shape shape);

}  // namespace runward
