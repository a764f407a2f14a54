#include "vault/entry.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

Entry Example() {
  Entry entry{.name = {"web/db", "password"}, .labels = {{"team", "blue"}}, .last_version = 5};
  entry.versions = {
      {.version = 2, .created = Time{10}, .state = VersionState::kDestroyed},
      {.version = 3, .created = Time{11}, .not_after = Time{99}, .value = {1, 50, {}}},
      {.version = 5, .created = Time{12}, .state = VersionState::kRemoved, .value = {2, 50, {}}}};
  return entry;
}

std::string BytesOf(const Entry& entry) {
  ByteWriter to;
  entry.Write(to);
  return to.Take();
}

TEST(Entry, IsReadAsItWasWritten) {
  const std::string bytes = BytesOf(Example());
  ByteReader from(bytes);
  const Entry entry = Entry::Read(from).value();
  EXPECT_TRUE(from.AtEnd());
  EXPECT_EQ(entry.name, Example().name);
  EXPECT_EQ(entry.labels, Example().labels);
  EXPECT_EQ(entry.last_version, 5U);
  ASSERT_EQ(entry.versions.size(), 3U);
  EXPECT_EQ(entry.versions[1].not_after, Time{99});
  EXPECT_EQ(entry.versions[2].state, VersionState::kRemoved);
  EXPECT_EQ(BytesOf(entry), bytes);
}

TEST(Entry, FindsTheNewestThatIsLive) {
  const Entry entry = Example();
  EXPECT_EQ(entry.Find(0)->version, 3U);
  EXPECT_EQ(entry.Find(5)->version, 5U);
  EXPECT_EQ(entry.Find(4), nullptr);
  Entry removed = Example();
  removed.versions[1].state = VersionState::kRemoved;
  EXPECT_EQ(removed.Find(0)->version, 5U);
  EXPECT_EQ(Entry{}.Find(0), nullptr);
}

TEST(Entry, RefusesWhatCannotBe) {
  const auto refused = [](const auto& change) {
    Entry entry = Example();
    change(entry);
    const std::string bytes = BytesOf(entry);
    ByteReader from(bytes);
    return !Entry::Read(from).ok();
  };
  EXPECT_FALSE(refused([](Entry&) {}));
  EXPECT_TRUE(refused([](Entry& entry) { entry.name.path = "../web"; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.name.key = "a\nb"; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.last_version = 4; }));
  EXPECT_TRUE(refused([](Entry& entry) { std::swap(entry.versions[0], entry.versions[1]); }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.versions[1].value = {}; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.versions[0].value = {1, 50, {}}; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.versions[2].value.size = kRecordOverhead; }));
  constexpr uint32_t kMost = kRecordOverhead + kMaxValueBytes;
  EXPECT_FALSE(refused([](Entry& entry) { entry.versions[2].value.size = kMost; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.versions[2].value.size = kMost + 1; }));
  EXPECT_TRUE(refused([](Entry& entry) { entry.versions.resize(65, entry.versions[2]); }));
}

TEST(CheckLabel, TakesShortPrintableText) {
  EXPECT_TRUE(CheckLabel("team", "blue team, größer").ok());
  EXPECT_FALSE(CheckLabel("te am", "blue").ok());
  EXPECT_FALSE(CheckLabel(std::string(64, 'k'), "blue").ok());
  EXPECT_FALSE(CheckLabel("team", "two\nlines").ok());
  EXPECT_FALSE(CheckLabel("team", "\xe2\x80\xae").ok());
  EXPECT_FALSE(CheckLabel("team", std::string(256, 'x')).ok());
}

}  // namespace
}  // namespace runward
