#pragma once

namespace runward {

// Whether programs can be attached as filters of interfaces in the calling thread's network
// namespace, which is one made for the question: the loopback keeps one.
bool TakesFilters();

}  // namespace runward
