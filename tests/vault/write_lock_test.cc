#include "vault/write_lock.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault/verify.h"
#include "vault_fixture.h"

namespace runward {
namespace {

class WriteLockTest : public VaultFixture {
 public:
  // Destroys the first version, and commits.
  bool Destroy(const std::string& name) {
    auto opened = VaultWriter::Open(path_, *key_);
    return opened.ok() && opened.value().Destroy(Name(name), 1).ok() &&
           opened.value().Commit(now_).ok();
  }
  // What one writer does. How much of it failed.
  int Write(const std::string& writer, int puts) {
    int failed = 0;
    for (int i = 0; i < puts; ++i) {
      const std::string name = writer + "#k" + std::to_string(i);
      if (!Put(name, name).ok() || !Put("shared#k", name).ok()) ++failed;
      if (i % 4 == 3 && !Destroy(name)) ++failed;
    }
    return failed;
  }
};

TEST_F(WriteLockTest, IsHeldByOne) {
  {
    const UniqueFd held = LockForWriting(path_).value();
    const Result<UniqueFd> second = LockForWriting(path_, 30);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().message, testing::HasSubstr("locked by another writer"));
  }
  EXPECT_TRUE(LockForWriting(path_, 0).ok());
  EXPECT_FALSE(LockForWriting(directory_ + "/none", 0).ok());
}

// Writers in processes of their own, which meet compactions (a destroyed version makes one) of each
// other: none is lost.
TEST_F(WriteLockTest, WritersTakeTurns) {
  constexpr int kWriters = 4;
  constexpr int kPuts = 12;
  for (int writer = 0; writer < kWriters; ++writer) {
    if (fork() == 0) _exit(Write("w" + std::to_string(writer), kPuts));
  }
  for (int status = 0; wait(&status) > 0;) EXPECT_EQ(status, 0);
  const VaultReport report = VerifyVault(path_, *key_).value();
  // Each Destroy commits, and once more to compact.
  EXPECT_EQ(report.generation, 1U + kWriters * (kPuts * 2 + kPuts / 4 * 2));
  EXPECT_EQ(report.entries, kWriters * kPuts + 1U);
  EXPECT_EQ(Get("w3#k0"), "w3#k0");
  EXPECT_THAT(Get("w3#k3"), testing::HasSubstr("was destroyed"));
  const Entry shared = Vault::Open(path_, *key_).value().Look(Name("shared#k")).value();
  EXPECT_EQ(shared.last_version, static_cast<uint32_t>(kWriters * kPuts));
}

}  // namespace
}  // namespace runward
