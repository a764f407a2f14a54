#pragma once

#include <string_view>

namespace runward {

// A start of runward-hook that only places what the agent has ready, which is nearly every start
// with secrets, done before the C library starts: that, the libraries' constructors and the pages
// that they touch are most of such a start, and the container waits for it (docs/performance.md).
//
// It does what SupplyContainer (hooks/secrets.h) and CheckContainerRoot (hooks/root_check.h) do, or
// nothing: it refuses nobody and reports nothing. With anything that is not as it nearly always is
// the program starts as if this were not there, and decides. `args` ends in nullptr, with the
// program's name first. Whether all is done.
bool SupplyEarly(const char* const* args);

// What it has read of the container's state from standard input; what is behind that is still
// there.
std::string_view StateReadEarly();

// The socket through which it has asked the agent, whose answer was looked at and not taken; -1
// when it has not.
int AgentAskedEarly();

}  // namespace runward
