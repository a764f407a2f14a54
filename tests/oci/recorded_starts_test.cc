#include "oci/recorded_starts.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <thread>

#include "base/encoding.h"
#include "base/fd.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

class RecordedStarts : public EventDirectory {
 protected:
  [[nodiscard]] std::string Path(const std::string& name = "configurations.jsonl") const {
    return Log() + "/" + name;
  }
  std::string Append(const std::string& event, size_t bytes = 0) {
    const RecordedStart start{.event = event, .bundle = std::string(bytes, 'b'), .config = "{}"};
    const auto hash = AppendRecordedStart(Log(), start);
    EXPECT_TRUE(hash.ok()) << hash.error().message;
    return hash.ok() ? hash.value() : "";
  }
  std::map<std::string, std::string> Find(const std::map<std::string, std::string>& wanted) {
    auto found = FindRecordedStarts(Log(), wanted);
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() ? found.value() : std::map<std::string, std::string>();
  }
};

TEST_F(RecordedStarts, AreFoundByTheirEventsWithTheHashThatWasSaid) {
  EXPECT_TRUE(Find({{"a", "x"}}).empty()) << "nothing there yet";
  const std::string a = Append("a");
  const std::string b = Append("b");
  const auto found = Find({{"a", a}, {"b", std::string(64, '0')}, {"c", a}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(Sha256Hex(found.at("a")), a);
  EXPECT_EQ(ParseRecordedStart(found.at("a")).value().event, "a");
  EXPECT_EQ(Find({{"b", b}}).size(), 1U);
}

TEST_F(RecordedStarts, AChangedLineIsNotFound) {
  const std::string a = Append("a", 10);
  std::string text = Read(Path());
  text[text.find("bbb")] = 'c';
  std::ofstream(Path()) << text;
  EXPECT_TRUE(Find({{"a", a}}).empty());
}

TEST_F(RecordedStarts, GoOnAfterAWriterThatDied) {
  const std::string a = Append("a");
  std::ofstream(Path(), std::ios::app) << R"({"event":"torn","bund)";
  const std::string b = Append("b");
  EXPECT_EQ(Find({{"a", a}, {"b", b}, {"torn", ""}}).size(), 2U);
}

TEST_F(RecordedStarts, AreBoundedToTwoFiles) {
  constexpr size_t kBytes = 900'000;
  constexpr int kLines = 60;
  std::map<std::string, std::string> hashes;
  for (int i = 0; i < kLines; ++i) hashes[std::to_string(i)] = Append(std::to_string(i), kBytes);
  EXPECT_LE(std::filesystem::file_size(Path()), static_cast<size_t>(kRecordedStartsBytes));
  EXPECT_LE(std::filesystem::file_size(Path("configurations.1.jsonl")),
            static_cast<size_t>(kRecordedStartsBytes));
  const auto found = Find(hashes);
  EXPECT_TRUE(found.contains(std::to_string(kLines - 1)));
  EXPECT_FALSE(found.contains("0"));
  EXPECT_GE(found.size(), static_cast<size_t>(kRecordedStartsBytes) / kBytes);
}

TEST_F(RecordedStarts, OfManyWritersAtOnceAreAllThere) {
  constexpr int kWriters = 8;
  constexpr int kEach = 20;
  std::vector<std::map<std::string, std::string>> hashes(kWriters);
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        const std::string event = std::to_string(w) + "-" + std::to_string(i);
        hashes[w][event] = Append(event, 100'000);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::map<std::string, std::string> all;
  for (auto& some : hashes) all.merge(some);
  EXPECT_EQ(Find(all).size(), static_cast<size_t>(kWriters * kEach));
}

TEST_F(RecordedStarts, SayWhyOneCouldNotBeKept) {
  const RecordedStart large{.bundle = std::string(kMaxRecordedStart, 'b'), .config = "{}"};
  EXPECT_THAT(AppendRecordedStart(Log(), large).error().message, HasSubstr("1 MiB"));
  Append("a");
  const UniqueFd held(open(Path().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(flock(held.get(), LOCK_EX), 0);
  EXPECT_THAT(AppendRecordedStart(Log(), {.event = "b", .config = "{}"}).error().message,
              HasSubstr("held it for 1 s"));
  flock(held.get(), LOCK_UN);
  std::filesystem::remove(Path());
  std::filesystem::create_symlink("/dev/null", Path());
  EXPECT_THAT(AppendRecordedStart(Log(), {.event = "c", .config = "{}"}).error().message,
              HasSubstr("symbolic link"));
}

}  // namespace
}  // namespace runward
