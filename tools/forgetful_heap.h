#pragma once

namespace runward {

// From here on this process overwrites what it frees: for work in which values lie in strings, such
// as parsing. What it never frees and what lies on the stack stays.
void ForgetWhatIsFreed();

}  // namespace runward
