#include "vault/writer.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "vault/verify.h"
#include "vault_fixture.h"

namespace runward {
namespace {

using testing::HasSubstr;

class WriterTest : public VaultFixture {
 protected:
  VaultWriter Writer() { return VaultWriter::Open(path_, *key_).value(); }
  std::vector<Entry> List() { return Vault::Open(path_, *key_).value().List().value(); }
};

TEST_F(WriterTest, CountsOnlyWithCommit) {
  {
    VaultWriter writer = Writer();
    ASSERT_TRUE(writer.Put(Name("a#k"), "x", {}, now_).ok());
  }
  EXPECT_THAT(Get("a#k"), HasSubstr("there is no secret"));
}

TEST_F(WriterTest, TakesManyAtOnce) {
  VaultWriter writer = Writer();
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_TRUE(writer.Put(Name("many/n" + number + "#k"), "value " + number, {}, now_).ok());
  }
  EXPECT_EQ(writer.Commit(now_).value(), 2U);
  EXPECT_EQ(List().size(), 1000U);
  EXPECT_EQ(Get("many/n0#k"), "value 0");
  EXPECT_EQ(Get("many/n999#k"), "value 999");
  EXPECT_EQ(VerifyVault(path_, *key_).value().values, 1000U);
}

TEST_F(WriterTest, RefusesEmptyAndTooLargeValues) {
  VaultWriter writer = Writer();
  EXPECT_THAT(writer.Put(Name("a#k"), "", {}, now_).error().message, HasSubstr("is empty"));
  const std::string large(kMaxValueBytes + 1, 'x');
  EXPECT_THAT(writer.Put(Name("a#k"), large, {}, now_).error().message, HasSubstr("1048576 bytes"));
  const std::string most(kMaxValueBytes, 'x');
  ASSERT_TRUE(writer.Put(Name("a#k"), most, {}, now_).ok());
  ASSERT_TRUE(writer.Commit(now_).ok());
  EXPECT_EQ(Get("a#k"), most);
}

TEST_F(WriterTest, KeepsAsManyVersionsAsAsked) {
  for (int i = 1; i <= 12; ++i) ASSERT_TRUE(Put("a#k", std::to_string(i)).ok());
  const std::vector<Entry> entries = List();
  ASSERT_EQ(entries.front().versions.size(), 10U);
  EXPECT_EQ(entries.front().versions.front().version, 3U);
  ASSERT_TRUE(Put("a#k", "13", {.keep = 2}).ok());
  EXPECT_EQ(Get("a#k", 12), "12");
  EXPECT_THAT(Get("a#k", 11), HasSubstr("has no version 11"));
}

TEST_F(WriterTest, ChecksTheVersionThatIsExpected) {
  ASSERT_TRUE(Put("a#k", "1", {.expected = 0}).ok());
  EXPECT_THAT(Put("a#k", "2", {.expected = 0}).error().message, HasSubstr("has version 1 by now"));
  ASSERT_TRUE(Put("a#k", "2", {.expected = 1}).ok());
}

TEST_F(WriterTest, RemovesRestoresAndDestroys) {
  for (const char* value : {"one-value", "two-value"}) ASSERT_TRUE(Put("a#k", value).ok());
  VaultWriter writer = Writer();
  ASSERT_TRUE(writer.Remove(Name("a#k"), 2).ok());
  ASSERT_TRUE(writer.Commit(now_).ok());
  EXPECT_EQ(Get("a#k"), "one-value");
  EXPECT_THAT(Get("a#k", 2), HasSubstr("was removed"));
  writer = Writer();
  ASSERT_TRUE(writer.Restore(Name("a#k"), 2).ok());
  ASSERT_TRUE(writer.Commit(now_).ok());
  EXPECT_EQ(Get("a#k"), "two-value");
  writer = Writer();
  ASSERT_TRUE(writer.Destroy(Name("a#k"), 1).ok());
  ASSERT_TRUE(writer.Commit(now_).ok());
  EXPECT_THAT(Get("a#k", 1), HasSubstr("was destroyed"));
  EXPECT_FALSE(Writer().Restore(Name("a#k"), 1).ok());
  EXPECT_EQ(VerifyVault(path_, *key_).value().values, 1U);
}

TEST_F(WriterTest, NoByteOfWhatWasDestroyedStays) {
  ASSERT_TRUE(Put("a#k", "doomed").ok());
  ASSERT_TRUE(Put("b#k", "stays").ok());
  const RecordRef ref = List().front().versions.front().value;
  const std::string record = ReadAll(path_).substr(ref.offset, ref.size);
  VaultWriter writer = Writer();
  ASSERT_TRUE(writer.Destroy(Name("a#k"), 0).ok());
  ASSERT_TRUE(writer.Commit(now_).ok());
  EXPECT_EQ(ReadAll(path_).find(record), std::string::npos);
  EXPECT_EQ(List().size(), 1U);
  EXPECT_EQ(Get("b#k"), "stays");
  EXPECT_TRUE(VerifyVault(path_, *key_).ok());
}

TEST_F(WriterTest, SaysWhatItCannotChange) {
  VaultWriter writer = Writer();
  EXPECT_FALSE(writer.Remove(Name("none#k"), 0).ok());
  EXPECT_FALSE(writer.Restore(Name("none#k"), 0).ok());
  EXPECT_FALSE(writer.Destroy(Name("none#k"), 0).ok());
  ASSERT_TRUE(writer.Put(Name("a#k"), "x", {}, now_).ok());
  EXPECT_FALSE(writer.Destroy(Name("a#k"), 7).ok());
  EXPECT_FALSE(writer.Restore(Name("a#k"), 1).ok());
}

TEST_F(WriterTest, AChangeCostsWhatItChanges) {
  {
    VaultWriter writer = Writer();
    for (int i = 0; i < 4000; ++i) {
      const std::string name = "n" + std::to_string(i) + "#k";
      ASSERT_TRUE(writer.Put(Name(name), "value", {}, now_).ok());
    }
    ASSERT_TRUE(writer.Commit(now_).ok());
  }
  const size_t before = std::filesystem::file_size(path_);
  ASSERT_TRUE(Put("n777#k", "other").ok());
  const size_t appended = std::filesystem::file_size(path_) - before;
  EXPECT_LT(appended, 8000U);
}

TEST_F(WriterTest, IsCompactedWhenMostOfItIsDead) {
  const std::string value(60000, 'v');
  size_t largest = 0;
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(Put("a#k", value, {.keep = 1}).ok());
    largest = std::max<size_t>(largest, std::filesystem::file_size(path_));
  }
  EXPECT_LT(largest, 1'500'000U);
  EXPECT_EQ(Get("a#k"), value);
  const VaultReport report = VerifyVault(path_, *key_).value();
  EXPECT_EQ(report.entries, 1U);
  EXPECT_GE(report.generation, 61U);
}

TEST_F(WriterTest, OnlyTheOwnerReadsTheFile) {
  ASSERT_TRUE(Put("a#k", "x").ok());
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
}

}  // namespace
}  // namespace runward
