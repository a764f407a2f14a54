#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event_link.h"
#include "base/event_reader.h"

namespace runward {

// What is wrong with a log, and where.
struct ChainProblem {
  std::string file;
  int64_t line = 0;  // from 1; 0: the whole log
  std::string what;  // "changed: ...", "removed: ...", "reordered: ...", "repeated: ...", ...
};

// A record that somebody vouches for: a signed checkpoint.
struct ExpectedHead {
  int64_t seq = 0;
  std::string hash;   // of the record's line
  std::string label;  // "checkpoint 12 of 2026-11-22T10:00:00.000Z"
};

// Follows the chain over all lines of a log, in order. It finds a record that was changed, removed,
// repeated or moved, as long as a later record or a checkpoint is there to tell. What it cannot
// find: records cut off at the end after the last checkpoint, and a chain that somebody with root
// rewrote from a record on which no checkpoint followed.
class ChainVerifier {
 public:
  static constexpr size_t kMaxProblems = 20;

  // `heads` in rising order of seq.
  explicit ChainVerifier(std::vector<ExpectedHead> heads) : heads_(std::move(heads)) {}

  void Add(const std::string& file, const LogLine& line);
  // With `whole_log` false, records before the first one read are nobody's concern.
  void Finish(bool whole_log = true);

  [[nodiscard]] const std::vector<ChainProblem>& problems() const { return problems_; }
  [[nodiscard]] int64_t records() const { return records_; }
  [[nodiscard]] int64_t first_seq() const { return first_seq_; }
  [[nodiscard]] int64_t last_seq() const { return last_.seq; }
  [[nodiscard]] const std::string& last_hash() const { return last_.hash; }
  [[nodiscard]] int64_t heads_checked() const { return heads_checked_; }
  // Unfinished writes: closed by the record that followed, or still open at the log's end.
  [[nodiscard]] int64_t torn_writes() const { return torn_writes_; }
  [[nodiscard]] int64_t torn_bytes() const { return torn_bytes_; }
  [[nodiscard]] bool torn_end() const { return torn_end_; }

 private:
  struct Position {
    int64_t seq = 0;
    std::string hash = std::string(kNoRecord);
    std::string file;
    int64_t line = 0;
  };
  // Lines since the last record that are none.
  struct Foreign {
    int64_t bytes = 0;
    std::string file;
    int64_t line = 0;
    bool ended = false;  // with a newline that does not close a torn write
  };
  struct Gap {
    int64_t first = 0;
    int64_t last = 0;
    size_t problem = 0;  // index in problems_
  };

  void AddRecord(const std::string& file, const LogLine& line, const EventLink& link);
  void CheckForeign(const std::string& file, const LogLine& line, const EventLink& link);
  void CheckLink(const Position& here, const EventLink& link);
  void CheckEarlier(const Position& here);
  void CheckHeads(const Position& here);
  void Report(const std::string& file, int64_t line, std::string what);

  std::vector<ExpectedHead> heads_;
  std::vector<ChainProblem> problems_;
  std::vector<Gap> gaps_;
  Position last_;
  Foreign foreign_;
  int64_t records_ = 0;
  int64_t first_seq_ = 0;
  int64_t dropped_to_ = 0;
  int64_t heads_checked_ = 0;
  int64_t torn_writes_ = 0;
  int64_t torn_bytes_ = 0;
  bool torn_end_ = false;
};

}  // namespace runward
