#include "tools/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace runward {
namespace {

TEST(InParallel, EachNumberIsWorkedOnOnce) {
  for (const size_t jobs : {0, 1, 3, 64}) {
    std::vector<std::atomic<int>> calls(50);
    InParallel(jobs, calls.size(), [&](size_t i) { ++calls[i]; });
    for (size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls[i], 1) << jobs << " jobs, " << i;
  }
  InParallel(4, 0, [](size_t) { ADD_FAILURE() << "there is nothing to do"; });
  EXPECT_GE(DefaultJobs(), 1U);
}

}  // namespace
}  // namespace runward
