#include "base/event_reader.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/event_files.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

using ::testing::ElementsAre;

class EventReader : public EventDirectory {
 protected:
  EventReader() { std::filesystem::create_directory(Log()); }
  [[nodiscard]] std::vector<std::string> Names() const {
    auto files = OpenLog(Log());
    std::vector<std::string> names;
    if (!files.ok()) return {files.error().message};
    for (const LogFile& file : files.value()) names.push_back(file.name);
    return names;
  }
};

TEST_F(EventReader, OpensTheFilesOldestFirst) {
  EXPECT_THAT(Names(), ElementsAre());
  Write(File(), "");
  Write(Log() + "/" + RotatedName(20), "");
  Write(Log() + "/" + RotatedName(3), "");
  EXPECT_THAT(Names(), ElementsAre(RotatedName(3), RotatedName(20), "events.jsonl"));
  EXPECT_TRUE(OpenLog(base_ + "/none").ok());
}

TEST_F(EventReader, RefusesLinksAndFifosWithoutWaiting) {
  ASSERT_EQ(symlink("/etc/passwd", File().c_str()), 0);
  EXPECT_FALSE(OpenLog(Log()).ok());
  std::filesystem::remove(File());
  ASSERT_EQ(mkfifo((Log() + "/" + RotatedName(1)).c_str(), 0600), 0);
  EXPECT_FALSE(OpenLog(Log()).ok());
}

TEST_F(EventReader, GivesLinesOfAnyLength) {
  const std::string huge(700000, 'h');
  const std::string even(4095, 'e');
  Write(File(), "one\n\n" + huge + "\n" + even + "\nend");
  auto files = OpenLog(Log());
  ASSERT_TRUE(files.ok());
  LogLines lines(files.value().at(0));
  LogLine line;
  std::vector<int64_t> sizes;
  std::vector<bool> ended;
  while (lines.Next(line)) {
    sizes.push_back(line.size);
    ended.push_back(line.ended);
    EXPECT_EQ(line.text.size(), std::min<size_t>(static_cast<size_t>(line.size), kMaxEventBytes));
    EXPECT_EQ(line.number, static_cast<int64_t>(sizes.size()));
  }
  EXPECT_TRUE(lines.status().ok());
  EXPECT_THAT(sizes, ElementsAre(3, 0, 700000, 4095, 3));
  EXPECT_THAT(ended, ElementsAre(true, true, true, true, false));
}

TEST_F(EventReader, ReadsNoFurtherThanTheSnapshotUntilItIsExtended) {
  Write(File(), "one\n");
  auto files = OpenLog(Log());
  ASSERT_TRUE(files.ok());
  Add(File(), "two\n");
  LogLines lines(files.value().at(0));
  LogLine line;
  EXPECT_TRUE(lines.Next(line));
  EXPECT_FALSE(lines.Next(line));
  lines.Extend(8);
  ASSERT_TRUE(lines.Next(line));
  EXPECT_EQ(line.text, "two");
  EXPECT_EQ(lines.offset(), 8);
}

}  // namespace
}  // namespace runward
