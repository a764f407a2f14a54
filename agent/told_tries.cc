#include "agent/told_tries.h"

#include <ctime>
#include <functional>

namespace runward {
namespace {

// Beyond it, tries are told twice rather than the agent grow.
constexpr size_t kMost = 16384;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLongest = 5 * kSecond;  // the kernel's events are read four times a second

size_t NameOf(std::string_view path) {
  return std::hash<std::string_view>{}(path.substr(path.rfind('/') + 1));
}

}  // namespace

void ToldTries::Told(uint64_t container, const File& file, int64_t now) {
  if (told_.size() >= kMost) return;
  told_.emplace(container, One{.inode = file.inode, .name = NameOf(file.name), .time = now});
}

bool ToldTries::AlsoOpened(uint64_t container, const File& file, int64_t now) {
  const auto [first, last] = told_.equal_range(container);
  for (auto at = first; at != last; ++at) {
    One& one = at->second;
    if (one.inode != file.inode || one.opened || now - one.time > kSecond) continue;
    one.opened = true;
    return true;
  }
  return false;
}

bool ToldTries::AlsoExecuted(uint64_t container, const File& file, int64_t time) {
  const size_t name = NameOf(file.name);
  const auto [first, last] = told_.equal_range(container);
  for (auto at = first; at != last; ++at) {
    const One& one = at->second;
    const bool same = one.inode == file.inode || one.name == name;
    if (!same || one.time > time || time - one.time > kSecond) continue;
    told_.erase(at);
    return true;
  }
  return false;
}

void ToldTries::Forget(int64_t now) {
  std::erase_if(told_, [now](const auto& one) { return now - one.second.time > kLongest; });
}

int64_t MonotonicNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace runward
