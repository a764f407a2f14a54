#pragma once

#include <string_view>

namespace runward {

// Whether programs can be attached as filters of interfaces in the calling thread's network
// namespace, which is one made for the question: the loopback keeps one.
bool TakesFilters();

// Whether their programs can see where the kernel is still to write a checksum: since Linux 6.2.
// `release` is uname(2)'s.
bool SeesChecksums(std::string_view release);

}  // namespace runward
