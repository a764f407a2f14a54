#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "agent/watched.h"
#include "base/event.h"
#include "base/paths.h"

namespace runward {

// Writes events about commands. A container that makes many is given a hundred at once and twenty
// more a second; what goes beyond is counted, and each count told when a second has passed.
class CommandLog {
 public:
  explicit CommandLog(Paths paths) : paths_(std::move(paths)) {}

  // `make` is called unless an event of the same `kind` (rule and file) is being counted.
  void Add(const Watched& container, std::string kind, const std::function<Event()>& make);
  // Past all counting.
  void Append(const Event& event, const EventRule& rule);
  // To be called about once a second: tells the counts.
  void Tell();
  // Tells what there is of a container that is about to go.
  void Forget(const std::string& key);

 private:
  struct Count {
    Event first;  // of those counted
    uint64_t more = 0;
  };
  struct Source {
    int64_t tokens = 0;
    int64_t filled = 0;  // seconds of a monotonic clock: when tokens were added last
    std::map<std::string, Count> counts;  // by kind; "" for further ones
    EventRule rule;
  };
  static void Fill(Source& source);
  void TellCounts(Source& source);

  Paths paths_;
  std::map<std::string, Source> sources_;  // by the container's key
};

}  // namespace runward
