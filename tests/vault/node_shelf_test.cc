#include "vault/node_shelf.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "vault/vault.h"
#include "vault_fixture.h"

namespace runward {
namespace {

using testing::HasSubstr;
using testing::Optional;

RecordRef Ref(uint64_t offset, uint8_t tag) {
  RecordRef ref{.offset = offset, .size = 100};
  ref.tag.fill(tag);
  return ref;
}

TEST(NodeShelf, FindsTheVeryNodeAlone) {
  NodeShelf shelf(64);
  EXPECT_EQ(shelf.Find(Ref(1, 1)), std::nullopt);
  shelf.Put(Ref(1, 1), "one");
  shelf.Put(Ref(2, 2), "two");
  EXPECT_THAT(shelf.Find(Ref(1, 1)), Optional(std::string_view("one")));
  EXPECT_THAT(shelf.Find(Ref(2, 2)), Optional(std::string_view("two")));
  EXPECT_EQ(shelf.Find(Ref(1, 2)), std::nullopt);
  RecordRef longer = Ref(1, 1);
  longer.size = 101;
  EXPECT_EQ(shelf.Find(longer), std::nullopt);
  shelf.Put(Ref(1, 3), "three");
  EXPECT_EQ(shelf.Find(Ref(1, 1)), std::nullopt);
  EXPECT_THAT(shelf.Find(Ref(1, 3)), Optional(std::string_view("three")));
}

TEST(NodeShelf, IsAsLargeAsItMayBe) {
  NodeShelf shelf(8);
  shelf.Put(Ref(1, 1), "ninebytes");
  EXPECT_EQ(shelf.Find(Ref(1, 1)), std::nullopt);
  shelf.Put(Ref(1, 1), "12345");
  shelf.Put(Ref(2, 2), "678");
  EXPECT_TRUE(shelf.Find(Ref(1, 1)) && shelf.Find(Ref(2, 2)));
  shelf.Put(Ref(3, 3), "x");
  EXPECT_FALSE(shelf.Find(Ref(1, 1)) || shelf.Find(Ref(2, 2)));
  EXPECT_THAT(shelf.Find(Ref(3, 3)), Optional(std::string_view("x")));
  shelf.Forget();
  EXPECT_EQ(shelf.Find(Ref(3, 3)), std::nullopt);
}

class ShelfTest : public VaultFixture {
 protected:
  std::string Read(const std::string& name) {
    const Result<Vault> vault = Vault::Open(path_, *key_, &shelf_);
    if (!vault.ok()) return "error: " + vault.error().message;
    const Result<SecretValue> value = vault.value().Read(Name(name), 0, Now());
    return value.ok() ? std::string(value.value().view()) : "error: " + value.error().message;
  }
  void Overwrite(uint64_t offset, const std::string& bytes) const {
    const int fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
              static_cast<ssize_t>(bytes.size()));
    close(fd);
  }
  [[nodiscard]] RecordRef Root() const {
    return Vault::Open(path_, *key_).value().file().superblock().root;
  }

  NodeShelf shelf_{size_t{64} << 10};
};

TEST_F(ShelfTest, EachOpeningShowsWhatTheFileIsThen) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Put("web/n" + std::to_string(i) + "#k", std::to_string(i)).ok());
  }
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(Read("web/n" + std::to_string(i) + "#k"), std::to_string(i));
  EXPECT_TRUE(shelf_.Find(Root()));
  ASSERT_TRUE(Put("web/n7#k", "newer").ok());
  EXPECT_EQ(Read("web/n7#k"), "newer");
  EXPECT_EQ(Read("web/n8#k"), "8");
  EXPECT_THAT(Read("web/none#k"), HasSubstr("there is no secret"));
}

TEST_F(ShelfTest, ReadsNoNodeTwice) {
  ASSERT_TRUE(Put("web/db#password", "hunter2").ok());
  EXPECT_EQ(Read("web/db#password"), "hunter2");
  const RecordRef root = Root();
  Overwrite(root.offset, std::string(root.size, 'x'));
  EXPECT_EQ(Read("web/db#password"), "hunter2");
  shelf_.Forget();
  EXPECT_THAT(Read("web/db#password"), HasSubstr("is another one"));
}

// What is kept opens no way back: whatever older parts of the file are put into it, they are
// refused, or read, as they are without.
TEST_F(ShelfTest, BelievesNoOlderStateThatIsNotBelievedWithout) {
  std::vector<std::string> fronts;
  for (const char* value : {"one", "two", "three", "four"}) {
    ASSERT_TRUE(Put("web/db#password", value).ok());
    ASSERT_EQ(Read("web/db#password"), value);
    fronts.emplace_back(5120, '\0');
    std::ifstream(path_, std::ios::binary).read(fronts.back().data(), 5120);
  }
  int refused = 0;
  for (size_t even = 0; even < fronts.size(); ++even) {
    for (size_t odd = 0; odd < fronts.size(); ++odd) {
      Overwrite(4096, fronts[even].substr(4096, 512) + fronts[odd].substr(4608, 512));
      const std::string read = Read("web/db#password");
      EXPECT_EQ(read, Get("web/db#password")) << even << " " << odd;
      refused += read.find("different states") != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace runward
