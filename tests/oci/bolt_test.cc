#include "oci/bolt.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "oci/bolt_page.h"
#include "tests/oci/bolt_builder.h"

namespace runward {
namespace {

BoltTree SmallTree() {
  BoltTree tree;
  tree.values["plain"] = "value";
  tree.buckets["v1"].values["name"] = "one";
  tree.buckets["v1"].buckets["deep"].values["key"] = "two";
  return tree;
}

BoltFile FileOf(const std::string& bytes) {
  return BoltFile::FromFd(UniqueFd(BoltBuilder::Descriptor(bytes))).value();
}

std::string Get(BoltFile& file, std::vector<std::string> path) {
  auto root = file.Begin();
  if (!root.ok()) return "error: " + root.error().message;
  BoltBucket bucket = root.value();
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    auto below = file.Sub(bucket, path[i]);
    if (!below.ok()) return "error: " + below.error().message;
    if (!below.value()) return "no bucket";
    bucket = *below.value();
  }
  auto value = file.Get(bucket, path.back());
  if (!value.ok()) return "error: " + value.error().message;
  return value.value().value_or("no value");
}

TEST(Bolt, FindsValuesAndBucketsAtEveryDepth) {
  for (const bool split : {false, true}) {
    BoltFile file = FileOf(BoltBuilder::File(SmallTree(), 8, split));
    EXPECT_EQ(Get(file, {"plain"}), "value");
    EXPECT_EQ(Get(file, {"v1", "name"}), "one");
    EXPECT_EQ(Get(file, {"v1", "deep", "key"}), "two");
    EXPECT_EQ(Get(file, {"v1", "deep", "kez"}), "no value");
    EXPECT_EQ(Get(file, {"v2", "x"}), "no bucket");
    EXPECT_EQ(Get(file, {"plain", "x"}), "no bucket");
    EXPECT_EQ(Get(file, {"v1"}), "no value");
    EXPECT_TRUE(file.Unchanged().value());
  }
}

TEST(Bolt, FollowsPagesThatOverflow) {
  BoltTree tree;
  for (int i = 0; i < 2000; ++i) tree.values["key" + std::to_string(i)] = std::to_string(i * 7);
  BoltFile file = FileOf(BoltBuilder::File(tree, 4));
  EXPECT_EQ(Get(file, {"key1999"}), "13993");
}

TEST(Bolt, VisitsKeysInOrder) {
  BoltTree tree;
  tree.values = {{"b", "2"}, {"a", "1"}, {"c", "3"}};
  for (const bool split : {false, true}) {
    BoltFile file = FileOf(BoltBuilder::File(tree, 4, split));
    const BoltBucket root = file.Begin().value();
    std::string seen;
    const auto visit = [&](std::string_view key, std::string_view value, bool) {
      seen += std::string(key) + std::string(value);
      return key != "b";
    };
    EXPECT_TRUE(file.ForEach(root, visit).ok());
    EXPECT_EQ(seen, "a1b2");
  }
}

TEST(Bolt, ReadsTheNewerOfTwoTransactions) {
  std::string bytes = BoltBuilder::File(SmallTree(), 9);
  // The second meta page becomes the newer one, and names a page that does not exist.
  bytes.replace(BoltBuilder::kPageSize + 16 + 48, 8, BoltBuilder::Bytes(uint64_t{10}));
  bytes.replace(BoltBuilder::kPageSize + 16 + 16, 8, BoltBuilder::Bytes(uint64_t{77}));
  BoltFile file = FileOf(BoltBuilder::Resealed(bytes));
  EXPECT_TRUE(Get(file, {"plain"}).starts_with("error:"));
}

TEST(Bolt, FallsBackToTheMetaPageWhoseChecksumHolds) {
  std::string bytes = BoltBuilder::File(SmallTree(), 9);
  bytes[16 + 48] ^= 1;
  BoltFile file = FileOf(bytes);
  EXPECT_EQ(Get(file, {"plain"}), "value");
  bytes[BoltBuilder::kPageSize + 16 + 48] ^= 1;
  BoltFile broken = FileOf(bytes);
  EXPECT_TRUE(Get(broken, {"plain"}).starts_with("error:"));
}

TEST(Bolt, NoticesACommitBetweenTwoLooks) {
  const int fd = BoltBuilder::Descriptor(BoltBuilder::File(SmallTree(), 9));
  BoltFile file = BoltFile::FromFd(UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 0))).value();
  ASSERT_TRUE(file.Begin().ok());
  EXPECT_TRUE(file.Unchanged().value());
  const std::string newer = BoltBuilder::File(SmallTree(), 10);
  ASSERT_EQ(pwrite(fd, newer.data(), newer.size(), 0), static_cast<ssize_t>(newer.size()));
  EXPECT_FALSE(file.Unchanged().value());
  close(fd);
}

// A page changed in one place: its offset in the file, and the bytes put there.
struct Damage {
  const char* what;
  size_t offset;
  std::string bytes;
};

TEST(Bolt, EndsInAnErrorHoweverTheFileIsDamaged) {
  const size_t root = size_t{3} * BoltBuilder::kPageSize;
  const Damage cases[] = {
      {"a page with another's id", root, BoltBuilder::Bytes(uint64_t{9})},
      {"neither leaf nor branch", root + 8, BoltBuilder::Bytes(uint16_t{0x10})},
      {"more elements than fit", root + 10, BoltBuilder::Bytes(uint16_t{65535})},
      {"an overflow beyond the file", root + 12, BoltBuilder::Bytes(uint32_t{200})},
      {"an overflow beyond reason", root + 12, BoltBuilder::Bytes(uint32_t{0xffffffff})},
      {"a key beyond the page", root + 16 + 4, BoltBuilder::Bytes(uint32_t{0xfffffff0})},
      {"a key without end", root + 16 + 8, BoltBuilder::Bytes(uint32_t{0xffffffff})},
      {"a value without end", root + 16 + 12, BoltBuilder::Bytes(uint32_t{0xffffffff})},
  };
  for (const Damage& damage : cases) {
    std::string bytes = BoltBuilder::File(SmallTree(), 9);
    bytes.replace(damage.offset, damage.bytes.size(), damage.bytes);
    BoltFile file = FileOf(bytes);
    EXPECT_TRUE(Get(file, {"zz"}).starts_with("error:")) << damage.what;
  }
}

TEST(Bolt, EndsInAnErrorWhenABranchLeadsBackToItself) {
  std::string bytes = BoltBuilder::File(SmallTree(), 9, true);
  const size_t root = size_t{3} * BoltBuilder::kPageSize;
  for (const size_t element : {0, 1}) {
    bytes.replace(root + 16 + element * 16 + 8, 8, BoltBuilder::Bytes(uint64_t{3}));
  }
  BoltFile file = FileOf(bytes);
  EXPECT_TRUE(Get(file, {"plain"}).starts_with("error:"));
  const auto walked = file.ForEach(file.Begin().value(), [](auto, auto, bool) { return true; });
  EXPECT_FALSE(walked.ok());
}

TEST(Bolt, TakesNoInlineBucketThatIsABranch) {
  BoltFile file = FileOf(BoltBuilder::File(SmallTree(), 8, true));
  ASSERT_TRUE(file.Begin().ok());
  for (const uint16_t kind : {BoltPage::kLeaf, BoltPage::kBranch}) {
    const std::string page = std::string(8, '\0') + BoltBuilder::Bytes(kind) + std::string(6, '\0');
    const BoltBucket bucket{.root = 0, .inlined = page};
    const auto visit = [](std::string_view, std::string_view, bool) { return true; };
    EXPECT_EQ(file.ForEach(bucket, visit).ok(), kind == BoltPage::kLeaf);
    EXPECT_EQ(file.Get(bucket, "key").ok(), kind == BoltPage::kLeaf);
  }
}

TEST(Bolt, EndsInAnErrorAtEveryTruncation) {
  const std::string bytes = BoltBuilder::File(SmallTree(), 9);
  for (size_t size = 0; size < bytes.size(); size += 509) {
    BoltFile file = FileOf(bytes.substr(0, size));
    EXPECT_TRUE(Get(file, {"plain"}).starts_with("error:")) << size;
  }
}

TEST(Bolt, OpensOnlyRegularFilesOfRoots) {
  EXPECT_FALSE(BoltFile::Open("/nowhere/meta.db").ok());
  EXPECT_FALSE(BoltFile::Open("/dev/null").ok());
}

}  // namespace
}  // namespace runward
