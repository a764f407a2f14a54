#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/event_parse.h"
#include "base/paths.h"
#include "base/result.h"
#include "oci/recorded_start.h"
#include "policy/decide.h"
#include "policy/policy.h"

namespace runward {

// The newest start of each container that the log tells of, in bounded memory.
class RecordedStarts {
 public:
  static constexpr size_t kMost = 20000;

  void Add(const Event& event);  // what is no decided start is passed over
  [[nodiscard]] std::vector<const Event*> Oldest() const;  // the oldest first
  [[nodiscard]] int64_t uncounted() const { return uncounted_; }

 private:
  std::map<std::string, Event> newest_;
  int64_t uncounted_ = 0;
};

// What a policy would make of a recorded start now.
struct Replayed {
  const Event* event = nullptr;
  Decision after;
  // Why that cannot be told from what was recorded; "" when `after` is the decision.
  std::string undecided;
  // The same action; and where it is refused, for the same rule.
  [[nodiscard]] bool Differs() const;
};
EventAction ActionOf(const Decision& decision);

// Decides a recorded start by `policy` as a start would now: with the verdict store as it is, and
// by the configuration that was recorded. Without one (null) the image's identity is taken from the
// event, and what needs the configuration (run controls, base chains, listed paths) is left
// undecided. An Error when the verdict store cannot be read. Policies of rootless engines' users
// are not replayed.
Result<Replayed> Replay(const Paths& paths, const Policy& policy, const Event& event,
                        const RecordedStart* recorded, Time now);

}  // namespace runward
