#include "base/event_chain.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/event_files.h"
#include "base/event_log.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class EventChain : public EventDirectory {
 protected:
  void Append(int count, EventLogOptions options = {}) const {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(AppendEvent(Log(), Denied(), options).ok());
  }
  [[nodiscard]] ChainVerifier Verify(std::vector<ExpectedHead> heads = {}) const {
    ChainVerifier verifier(std::move(heads));
    auto files = OpenLog(Log());
    EXPECT_TRUE(files.ok());
    for (const LogFile& file : files.value()) {
      LogLines lines(file);
      LogLine line;
      while (lines.Next(line)) verifier.Add(file.name, line);
    }
    verifier.Finish();
    return verifier;
  }
  // The first problem as "file:line: what".
  [[nodiscard]] std::string First(std::vector<ExpectedHead> heads = {}) const {
    const ChainVerifier verifier = Verify(std::move(heads));
    if (verifier.problems().empty()) return "";
    const ChainProblem& problem = verifier.problems().front();
    return problem.file + ":" + std::to_string(problem.line) + ": " + problem.what;
  }
  void Rewrite(const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    Write(File(), text);
  }
  [[nodiscard]] std::vector<std::string> Current() const { return Lines(Read(File())); }
};

TEST_F(EventChain, AnUntouchedLogIsWhole) {
  EXPECT_EQ(First(), "");
  Append(5);
  const ChainVerifier verifier = Verify();
  EXPECT_THAT(verifier.problems(), IsEmpty());
  EXPECT_EQ(verifier.records(), 5);
  EXPECT_EQ(verifier.first_seq(), 1);
  EXPECT_EQ(verifier.last_seq(), 5);
  EXPECT_EQ(verifier.last_hash(), Sha256Hex(Current().back()));
}

TEST_F(EventChain, FindsAChangedRecordAndItsLine) {
  Append(5);
  auto lines = Current();
  const size_t at = lines[2].find("verdict.missing");
  lines[2].replace(at, 15, "verdict.passed_");
  Rewrite(lines);
  EXPECT_THAT(First(), StartsWith("events.jsonl:3: changed: record 3"));
}

TEST_F(EventChain, FindsARecordThatIsNoLongerJson) {
  Append(3);
  auto lines = Current();
  lines[1][lines[1].find("denied")] = '\0';
  Rewrite(lines);
  EXPECT_THAT(First(), StartsWith("events.jsonl:2: changed: record 2 is not JSON"));
}

TEST_F(EventChain, FindsARemovedRecord) {
  Append(5);
  auto lines = Current();
  lines.erase(lines.begin() + 2);
  Rewrite(lines);
  EXPECT_EQ(First(), "events.jsonl:3: removed: record 3 should stand before this line");
  lines.erase(lines.begin());
  Rewrite(lines);
  EXPECT_THAT(First(), HasSubstr("record 1 are missing from the beginning"));
}

TEST_F(EventChain, FindsReorderedRecords) {
  Append(5);
  auto lines = Current();
  std::swap(lines[1], lines[2]);
  Rewrite(lines);
  EXPECT_EQ(First(),
            "events.jsonl:2: reordered: record 2 should stand before this line, but stands in "
            "events.jsonl, line 3");
}

TEST_F(EventChain, FindsARepeatedRecord) {
  Append(3);
  auto lines = Current();
  lines.insert(lines.begin() + 2, lines[1]);
  Rewrite(lines);
  EXPECT_THAT(First(), StartsWith("events.jsonl:3: repeated: record 2"));
}

TEST_F(EventChain, FindsAnInsertedLine) {
  Append(3);
  auto lines = Current();
  lines.insert(lines.begin() + 1, "{}");
  Rewrite(lines);
  EXPECT_THAT(First(), StartsWith("events.jsonl:2: changed: 3 bytes here are no record"));
  Append(1);
  lines = Current();
  lines.erase(lines.begin() + 1);
  lines.push_back("{}");
  Rewrite(lines);
  EXPECT_THAT(First(), StartsWith("events.jsonl:5: changed: the last 3 bytes"));
}

TEST_F(EventChain, ATornWriteIsToldApartFromTampering) {
  Append(2);
  Add(File(), Current()[1].substr(0, 200));
  ChainVerifier verifier = Verify();
  EXPECT_THAT(verifier.problems(), IsEmpty());
  EXPECT_TRUE(verifier.torn_end());
  Append(2);
  verifier = Verify();
  EXPECT_THAT(verifier.problems(), IsEmpty());
  EXPECT_FALSE(verifier.torn_end());
  EXPECT_EQ(verifier.torn_writes(), 1);
  EXPECT_EQ(verifier.torn_bytes(), 200);
  EXPECT_EQ(verifier.records(), 4);
}

TEST_F(EventChain, RemovingOrChangingATornWriteIsFound) {
  Append(1);
  Add(File(), "half a record");
  Append(2);
  const auto lines = Current();
  Rewrite({lines[0], lines[2], lines[3]});
  EXPECT_THAT(First(), HasSubstr("tells of a torn write of 13 bytes that is gone"));
  Rewrite({lines[0], "half a rec#torn", lines[2], lines[3]});
  EXPECT_THAT(First(), StartsWith("events.jsonl:2: changed"));
}

TEST_F(EventChain, FollowsRotationsAndNoticesAMissingFile) {
  EventLogOptions options{.fdatasync = false, .rotate_bytes = 1, .keep = 100};
  Append(6, options);
  EXPECT_EQ(First(), "");
  std::filesystem::remove(Log() + "/" + RotatedName(3));
  EXPECT_EQ(First(), RotatedName(4) + ":1: removed: record 3 should stand before this line");
}

TEST_F(EventChain, KnowsWhatARotationDropped) {
  const EventLogOptions options{.fdatasync = false, .rotate_bytes = 1, .keep = 2};
  Append(6, options);
  EXPECT_EQ(First(), "");
  EXPECT_EQ(Verify().first_seq(), 4);
  std::filesystem::remove(Log() + "/" + RotatedName(4));
  EXPECT_THAT(First(), HasSubstr("removed: record 4 are missing from the beginning"));
}

TEST_F(EventChain, ACheckpointFindsWhatTheChainCannot) {
  Append(5);
  const auto lines = Current();
  const std::vector<ExpectedHead> heads = {{2, Sha256Hex(lines[1]), "checkpoint 1"},
                                           {4, Sha256Hex(lines[3]), "checkpoint 2"}};
  EXPECT_EQ(First(heads), "");
  EXPECT_EQ(Verify(heads).heads_checked(), 2);
  Rewrite({lines[0], lines[1], lines[2], lines[3]});  // after the last checkpoint: nobody can tell
  EXPECT_EQ(First(heads), "");
  Rewrite({lines[0], lines[1], lines[2]});
  EXPECT_EQ(
      First(heads),
      "events.jsonl:3: cut off: checkpoint 2 signed record 4, and the log ends with record 3");
  Append(3);  // going on after the cut does not hide it
  EXPECT_THAT(First(heads), StartsWith("events.jsonl:4: changed: record 4 is not the one"));
  std::filesystem::remove(File());
  EXPECT_THAT(First(heads), HasSubstr("cut off: checkpoint 1"));
}

}  // namespace
}  // namespace runward
