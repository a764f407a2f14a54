#include "agent/looks.h"

#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <new>
#include <utility>

namespace runward {
namespace {

constexpr size_t kKey = 65;  // a record's key, 64 hexadecimal digits

using Key = std::array<char, kKey>;

Key KeyOf(std::string_view text) {
  Key key{};
  text.copy(key.data(), key.size() - 1);
  return key;
}

int64_t Milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

struct Looks::Shared {
  struct Penalty {
    Key key{};
    int64_t until = 0;
    int64_t seconds = 0;
  };
  Key looking{};
  int64_t ends = 0;  // of the look that is made now; 0: none is
  std::array<Penalty, 64> penalties{};
};

void Looks::Unmap::operator()(Shared* memory) const { munmap(memory, sizeof(Shared)); }

Result<Looks> Looks::Make() {
  Looks looks;
  looks.timer_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!looks.timer_.valid()) return ErrnoError("make a timer", errno);
  constexpr int kAccess = PROT_READ | PROT_WRITE;
  void* memory = mmap(nullptr, sizeof(Shared), kAccess, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return ErrnoError("map memory", errno);
  looks.memory_.reset(new (memory) Shared);
  return looks;
}

bool Looks::Overdue() const {
  uint64_t times = 0;
  return read(timer_.get(), &times, sizeof times) == sizeof times;
}

std::string Looks::Recover() {
  Set(0);
  const int64_t ends = std::exchange(memory_->ends, 0);
  const int64_t now = Milliseconds();
  if (ends == 0 || now < ends) return "";
  std::string key = memory_->looking.data();
  Hold(key, now);
  return key;
}

bool Looks::Held(std::string_view key) const {
  const Key wanted = KeyOf(key);
  const int64_t now = Milliseconds();
  return std::ranges::any_of(memory_->penalties, [&](const Shared::Penalty& one) {
    return now < one.until && one.key == wanted;
  });
}

// In the place that it has already, or of the one that is over first.
void Looks::Hold(std::string_view text, int64_t now) {
  const Key key = KeyOf(text);
  auto place = std::ranges::find(memory_->penalties, key, &Shared::Penalty::key);
  if (place == memory_->penalties.end()) {
    place = std::ranges::min_element(memory_->penalties, {}, &Shared::Penalty::until);
    *place = {.key = key};
  }
  place->seconds = std::clamp(2 * place->seconds, kFirstPenalty, kLongestPenalty);
  place->until = now + place->seconds * 1000;
}

void Looks::Set(int seconds) const {
  const itimerspec time{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_nsec = 0}};
  timerfd_settime(timer_.get(), 0, &time, nullptr);
}

Looks::One::One(Looks& looks, std::string_view key, int seconds) : looks_(looks) {
  looks.memory_->looking = KeyOf(key);
  looks.memory_->ends = Milliseconds() + int64_t{seconds} * 1000;  // before the timer's
  looks.Set(seconds);
}

Looks::One::~One() {
  looks_.Set(0);
  looks_.memory_->ends = 0;
}

}  // namespace runward
