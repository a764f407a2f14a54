#pragma once

#include <string>
#include <vector>

#include "base/event.h"

namespace runward {

// What a person can do about an event, most useful first: the hint that the decision gave, then
// commands that show more of what it rests on. `root_flag` is repeated in them.
std::vector<std::string> Advice(const Event& event, const std::string& root_flag);

// A text as one word of a shell's command line.
std::string ShellWord(const std::string& text);

}  // namespace runward
