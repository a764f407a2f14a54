#include "tools/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace runward {

void InParallel(size_t jobs, size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto take = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> workers;
  for (size_t i = 1; i < std::min(jobs, count); ++i) workers.emplace_back(take);
  take();
}

size_t DefaultJobs() { return std::max<size_t>(1, std::thread::hardware_concurrency()); }

}  // namespace runward
