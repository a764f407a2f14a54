#pragma once

namespace runward {

// Gives back memory that was needed for a while: what was freed, and pages of the program itself,
// which come again as they are used. Takes less than a millisecond.
void TrimMemory();

}  // namespace runward
