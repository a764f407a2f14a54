#include "base/event_chain.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"

namespace runward {
namespace {

std::string Records(int64_t first, int64_t last) {
  if (first == last) return "record " + std::to_string(first);
  return "records " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

void ChainVerifier::Report(const std::string& file, int64_t line, std::string what) {
  if (problems_.size() < kMaxProblems) problems_.push_back({file, line, std::move(what)});
}

void ChainVerifier::Add(const std::string& file, const LogLine& line) {
  const bool could_be = line.ended && line.size == static_cast<int64_t>(line.text.size());
  const auto link = could_be ? ParseLink(line.text) : std::nullopt;
  if (link) {
    AddRecord(file, line, *link);
    return;
  }
  if (foreign_.bytes == 0) foreign_ = {0, file, line.number, false};
  foreign_.bytes += line.size + (line.ended ? 1 : 0);
  const std::string_view mark = kTornMark.substr(0, kTornMark.size() - 1);
  foreign_.ended = line.ended && !line.text.ends_with(mark);
}

// What stands between two records must be what the later one says that it found torn.
void ChainVerifier::CheckForeign(const std::string& file, const LogLine& line,
                                 const EventLink& link) {
  const auto mark = static_cast<int64_t>(kTornMark.size());
  const int64_t torn = link.torn_bytes == 0 ? 0 : link.torn_bytes + mark;
  if (foreign_.bytes == torn) {
    torn_writes_ += torn == 0 ? 0 : 1;
    torn_bytes_ += link.torn_bytes;
  } else if (foreign_.bytes > 0) {
    Report(foreign_.file, foreign_.line,
           "changed: " + std::to_string(foreign_.bytes) + " bytes here are no record, and record " +
               std::to_string(link.seq) + " does not tell of them");
  } else {
    Report(file, line.number,
           "removed: record " + std::to_string(link.seq) + " tells of a torn write of " +
               std::to_string(link.torn_bytes) + " bytes that is gone");
  }
  foreign_ = {};
}

void ChainVerifier::AddRecord(const std::string& file, const LogLine& line, const EventLink& link) {
  ++records_;
  CheckForeign(file, line, link);
  const Result<JsonDocument> parsed = JsonDocument::Parse(std::string(line.text));
  if (!parsed.ok()) {
    Report(
        file, line.number,
        "changed: record " + std::to_string(link.seq) + " is not JSON: " + parsed.error().message);
  }
  dropped_to_ = std::max(dropped_to_, link.dropped_to);
  const Position here{link.seq, Sha256Hex(line.text), file, line.number};
  CheckHeads(here);
  if (last_.line > 0 && here.seq <= last_.seq) {
    CheckEarlier(here);
    return;
  }
  CheckLink(here, link);
  last_ = here;
}

// The record is the next one, or one after a gap.
void ChainVerifier::CheckLink(const Position& here, const EventLink& link) {
  const bool first = last_.line == 0;
  if (first) first_seq_ = here.seq;
  if (first && here.seq > 1) return;  // Finish looks whether a rotation dropped what came before
  if (here.seq > last_.seq + 1) {
    gaps_.push_back({last_.seq + 1, here.seq - 1, problems_.size()});
    Report(here.file, here.line,
           "removed: " + Records(last_.seq + 1, here.seq - 1) + " should stand before this line");
  } else if (link.prev != last_.hash && first) {
    Report(here.file, here.line, "changed: record 1 names a record before it");
  } else if (link.prev != last_.hash) {
    Report(last_.file, last_.line,
           "changed: record " + std::to_string(last_.seq) + " is not the one that record " +
               std::to_string(here.seq) + " names");
  }
}

// A record whose number has passed.
void ChainVerifier::CheckEarlier(const Position& here) {
  const std::string record = "record " + std::to_string(here.seq);
  for (const Gap& gap : gaps_) {
    if (here.seq < gap.first || here.seq > gap.last || gap.problem >= problems_.size()) continue;
    ChainProblem& problem = problems_[gap.problem];
    problem.what = "reordered: " + record + " should stand before this line, but stands in " +
                   here.file + ", line " + std::to_string(here.line);
    return;
  }
  Report(here.file, here.line, "repeated: " + record + " has been here before");
}

void ChainVerifier::CheckHeads(const Position& here) {
  const auto range = std::equal_range(
      heads_.begin(), heads_.end(), ExpectedHead{.seq = here.seq, .hash = "", .label = ""},
      [](const ExpectedHead& a, const ExpectedHead& b) { return a.seq < b.seq; });
  for (auto head = range.first; head != range.second; ++head) {
    ++heads_checked_;
    if (head->hash == here.hash) continue;
    Report(here.file, here.line,
           "changed: record " + std::to_string(here.seq) + " is not the one that " + head->label +
               " signed");
  }
}

void ChainVerifier::Finish(bool whole_log) {
  if (foreign_.ended) {
    Report(foreign_.file, foreign_.line,
           "changed: the last " + std::to_string(foreign_.bytes) + " bytes are no record");
  } else if (foreign_.bytes > 0) {
    torn_end_ = true;
    ++torn_writes_;
    torn_bytes_ += foreign_.bytes;
  }
  if (whole_log && first_seq_ > 1 && dropped_to_ < first_seq_ - 1) {
    problems_.insert(problems_.begin(),
                     {"", 0,
                      "removed: " + Records(dropped_to_ + 1, first_seq_ - 1) +
                          " are missing from the beginning, and no rotation dropped them"});
  }
  for (const ExpectedHead& head : heads_) {
    if (head.seq <= last_.seq) continue;
    Report(last_.file, last_.line,
           "cut off: " + head.label + " signed record " + std::to_string(head.seq) +
               ", and the log ends with record " + std::to_string(last_.seq));
    break;
  }
}

}  // namespace runward
