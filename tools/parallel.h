#pragma once

#include <cstddef>
#include <functional>

namespace runward {

// Calls `work` once with each number below `count`, `jobs` at a time, the caller's thread among
// them. Returns when all are done.
void InParallel(size_t jobs, size_t count, const std::function<void(size_t)>& work);

// As many as there are processors, at least one.
size_t DefaultJobs();

}  // namespace runward
