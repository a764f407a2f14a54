#pragma once

#include <span>
#include <string>

namespace runward {

// One call of runward, from its arguments (without argv[0]) to the real runtime. Does not return
// when the real runtime takes over; otherwise the exit code, after the person was told why.
int Serve(std::span<const std::string> words);

}  // namespace runward
