#include "agent/trim.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace runward {
namespace {

// In kilobytes, as /proc/self/status has it.
int64_t Resident(const std::string& kind) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kind + ":")) return std::stoll(line.substr(kind.size() + 1));
  }
  return -1;
}

TEST(Trim, WhatWasFreedAndWhatWasReadOfTheProgramIsGivenBackAndTheProgramGoesOn) {
  {
    std::vector<std::unique_ptr<std::string>> many(1);
    // One that stays behind them keeps the heap from shrinking by itself.
    for (int i = 0; i < 20000; ++i) many.push_back(std::make_unique<std::string>(500, 'x'));
    many.front() = std::make_unique<std::string>(500, 'y');
    many.resize(1);
  }
  const int64_t file = Resident("RssFile");
  ASSERT_GT(file, 0);
  TrimMemory();
  EXPECT_LT(Resident("RssFile"), file);
  EXPECT_GT(Resident("RssAnon"), 0);
}

}  // namespace
}  // namespace runward
