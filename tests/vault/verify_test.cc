#include "vault/verify.h"

#include <gmock/gmock.h>

#include "vault/slots.h"
#include "vault_fixture.h"

namespace runward {
namespace {

class VerifyTest : public VaultFixture {
 protected:
  void WriteByte(size_t at, char byte) {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }
  // Values that differ, versions, a removed one, something dead: every kind of byte there is.
  void Fill() {
    ASSERT_TRUE(Put("a#k", "first").ok());
    ASSERT_TRUE(Put("a#k", "second", {.labels = {{{"team", "blue"}}}}).ok());
    ASSERT_TRUE(Put("b/c#k", "third", {.not_after = Time{now_.ns + 1}}).ok());
    VaultWriter writer = VaultWriter::Open(path_, *key_).value();
    ASSERT_TRUE(writer.Remove(Name("b/c#k"), 0).ok());
    ASSERT_TRUE(writer.Commit(now_).ok());
  }
};

TEST_F(VerifyTest, CountsWhatIsThere) {
  Fill();
  const VaultReport report = VerifyVault(path_, *key_).value();
  EXPECT_EQ(report.generation, 5U);
  EXPECT_EQ(report.entries, 2U);
  EXPECT_EQ(report.values, 3U);
  EXPECT_EQ(report.bytes, std::filesystem::file_size(path_));
  EXPECT_GT(report.dead, 0U);
  EXPECT_EQ(report.behind, 0U);
}

TEST_F(VerifyTest, WhatADeadWriterLeftBehindIsNotTheVaults) {
  Fill();
  WriteAll(path_, ReadAll(path_) + "half a commit");
  EXPECT_EQ(VerifyVault(path_, *key_).value().behind, 13U);
  EXPECT_EQ(Get("a#k"), "second");
  ASSERT_TRUE(Put("a#k", "third").ok());
  EXPECT_EQ(VerifyVault(path_, *key_).value().behind, 0U);
}

// The tamper test: every byte of the file, changed in two ways, is found; and meanwhile no reader
// ever gets another value than one that was put.
TEST_F(VerifyTest, EveryChangedByteIsFound) {
  Fill();
  const std::string bytes = ReadAll(path_);
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const char mask : {'\x01', '\x80'}) {
      WriteByte(at, static_cast<char>(bytes[at] ^ mask));
      ASSERT_FALSE(VerifyVault(path_, *key_).ok()) << "byte " << at;
      const std::string value = Get("a#k");
      ASSERT_TRUE(value == "second" || value.starts_with("error: ")) << "byte " << at;
    }
    WriteByte(at, bytes[at]);
  }
}

TEST_F(VerifyTest, RecordsCannotBeSwapped) {
  ASSERT_TRUE(Put("a#k", "value-a").ok());
  ASSERT_TRUE(Put("b#k", "value-b").ok());
  const std::vector<Entry> entries = Vault::Open(path_, *key_).value().List().value();
  const RecordRef a = entries[0].versions[0].value;
  const RecordRef b = entries[1].versions[0].value;
  ASSERT_EQ(a.size, b.size);
  std::string bytes = ReadAll(path_);
  const std::string record_a = bytes.substr(a.offset, a.size);
  bytes.replace(a.offset, a.size, bytes.substr(b.offset, b.size));
  bytes.replace(b.offset, b.size, record_a);
  WriteAll(path_, bytes);
  EXPECT_THAT(Get("a#k"), testing::HasSubstr("was changed or is damaged"));
  EXPECT_THAT(Get("b#k"), testing::HasSubstr("was changed or is damaged"));
}

TEST_F(VerifyTest, PartsOfAnOlderFileDoNotFit) {
  ASSERT_TRUE(Put("a#k", "old").ok());
  const std::string old = ReadAll(path_);
  ASSERT_TRUE(Put("a#k", "new").ok());
  ASSERT_TRUE(Put("a#k", "newest").ok());
  const std::string now = ReadAll(path_);
  // The older pair of superblocks with one of the newer, each way round: never an older value
  // beside a newer superblock.
  for (const size_t at : {Superblock::kFirstAt, Superblock::kFirstAt + Superblock::kBytes}) {
    std::string mixed = now;
    mixed.replace(at, Superblock::kBytes, old.substr(at, Superblock::kBytes));
    WriteAll(path_, mixed);
    const std::string value = Get("a#k");
    EXPECT_TRUE(value == "newest" || value == "new" || value.starts_with("error: ")) << value;
    EXPECT_NE(value, "old");
  }
}

}  // namespace
}  // namespace runward
