#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/event_parse.h"

namespace runward {

// Counts by a text, in bounded memory: names come from whoever starts containers.
class Tally {
 public:
  static constexpr size_t kMaxKeys = 20000;
  struct Entry {
    int64_t count = 0;
    Time last;
    std::string last_id;  // the newest event's
  };

  void Add(const std::string& key, const Event& event);
  // The most frequent, by falling count; equal ones by name.
  [[nodiscard]] std::vector<std::pair<std::string, Entry>> Top(size_t count) const;
  [[nodiscard]] size_t keys() const { return entries_.size(); }
  [[nodiscard]] int64_t uncounted() const { return uncounted_; }  // events past kMaxKeys

 private:
  std::unordered_map<std::string, Entry> entries_;
  int64_t uncounted_ = 0;
};

struct Summary {
  int64_t events = 0;
  Time first;
  Time last;
  std::array<int64_t, 4> by_action{};  // in EventAction's order
  Tally rules;                         // of refusals
  Tally images;                        // refused: what SummaryImage calls them
  Tally breaks;                        // would-be denials: profile, image and rule
  Tally errors;                        // rule and reason
  Tally hosts;

  void Add(const LoggedEvent& logged);
};

// What an event's image is called in a summary: its name, else its chain ID, else "(no identity)".
std::string SummaryImage(const Event& event);

// Key of `breaks`: the three parts with '\n' between them (which no logged text holds raw).
struct BreakKey {
  std::string profile, image, rule;
};
BreakKey SplitBreakKey(const std::string& key);

}  // namespace runward
