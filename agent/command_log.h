#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "agent/command_judge.h"
#include "agent/fanotify_group.h"
#include "base/event.h"
#include "base/paths.h"

namespace runward {

// Writes events about commands. A container that makes many is given a hundred at once and twenty
// more a second; what goes beyond is counted, and each count told when a second has passed.
class CommandLog {
 public:
  CommandLog(Paths paths, std::string tier) : paths_(std::move(paths)), tier_(std::move(tier)) {}

  void Add(const JudgedTry& judged, const OpenTry& what);
  // To be called about once a second: tells the counts.
  void Tell();
  // Records of a container that is about to go.
  void Forget(const std::string& key);

  [[nodiscard]] uint64_t unlogged() const { return unlogged_; }

 private:
  struct Count {
    Event first;  // of those counted
    uint64_t more = 0;
  };
  struct Source {
    int64_t tokens = 0;
    int64_t filled = 0;  // seconds of a monotonic clock: when tokens were added last
    std::map<std::string, Count> counts;  // by rule and path; "" for further ones
  };
  [[nodiscard]] Event EventOf(const JudgedTry& judged, const OpenTry& what) const;
  void Append(const Event& event, const EventRule& rule);
  void TellCounts(Source& source);
  static void Fill(Source& source);

  Paths paths_;
  std::string tier_;
  std::map<std::string, Source> sources_;  // by the container's key
  uint64_t unlogged_ = 0;                  // events that could not be written
};

}  // namespace runward
