#include <cerrno>
#include <cstdio>
#include <utility>

#include "crash_fixture.h"

namespace runward {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kRounds = 1;  // it makes each start of a child, and each of its stops, slow
#else
constexpr int kRounds = 4;
#endif

class CrashTest : public CrashFixture {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put("ten/n" + std::to_string(i) + "#k", "old").ok());
    ASSERT_TRUE(Put("a#k", "old").ok());
    ASSERT_TRUE(Put("gone#k", "gone").ok());
  }

  // After what was done to a writer at `where`: the vault is what it was, or what the job makes of
  // it, and takes the next write.
  void RequireOldOrNew(const VaultState& before, const VaultState& after,
                       const std::string& where) {
    const VaultState now = State();
    ASSERT_TRUE(now == before || now == after)
        << where << ": " << (now.contains("error") ? now.at("error") : "a third state");
    seen_old_ += now == before ? 1 : 0;
    seen_new_ += now == after ? 1 : 0;
    ASSERT_TRUE(Put("next#k", "next").ok()) << where;
    ASSERT_EQ(Get("next#k"), "next") << where;
  }

  // Kills the job at every stop in turn: how often. Afterwards it is done.
  void KillEverywhere(const Job& job) {
    const std::string file = ReadAll(path_);
    const VaultState before = State();
    ASSERT_TRUE(job.work().ok()) << job.name;
    const VaultState after = State();
    const std::string done = ReadAll(path_);
    for (int stop = 1;; ++stop) {
      WriteAll(path_, file);
      TracedChild child(job.work);
      int at = 0;
      while (at < stop && child.Step()) ++at;
      if (at < stop || !child.Kill()) break;
      ++killed_;
      RequireOldOrNew(before, after, job.name + ", stop " + std::to_string(stop));
      if (HasFatalFailure()) return;
    }
    WriteAll(path_, done);
  }

  int killed_ = 0;
  int seen_old_ = 0;
  int seen_new_ = 0;
};

TEST_F(CrashTest, KilledAtEverySystemCallTheVaultIsTheOldOrTheNew) {
  for (const Job& job : Jobs(kRounds)) {
    KillEverywhere(job);
    ASSERT_FALSE(HasFatalFailure());
  }
  std::printf("killed %d times: %d times the old, %d times the new\n", killed_, seen_old_,
              seen_new_);
  EXPECT_GT(killed_, kRounds * 500);
  EXPECT_GT(seen_old_, kRounds * 250);
  EXPECT_GT(seen_new_, kRounds * 100);
}

TEST_F(CrashTest, InitLeavesAVaultOrNone) {
  const std::string path = directory_ + "/second";
  std::vector<SlotSecret> slots;
  slots.push_back(KeySlotSecret(kSlotBytes));
  int stop = 1;
  for (;; ++stop) {
    TracedChild child([&] { return CreateVault(path, slots, now_).ok(); });
    int at = 0;
    while (at < stop && child.Step()) ++at;
    if (at < stop || !child.Kill()) break;
    if (std::filesystem::exists(path)) {
      EXPECT_EQ(std::filesystem::file_size(path), ReadAll(path).size());
      EXPECT_TRUE(VaultHeader::Parse(ReadAll(path), path).ok()) << stop;
    }
    std::filesystem::remove(path);
  }
  EXPECT_GT(stop, 10);
}

#ifdef __x86_64__

bool Writes(long call) {
  return call == SYS_pwrite64 || call == SYS_write || call == SYS_ftruncate ||
         call == SYS_fdatasync || call == SYS_fsync || call == SYS_renameat2 || call == SYS_openat;
}

// The disk is full at each call that could say so, in turn, and stays so for that writer.
class FullDiskTest : public CrashTest {
 protected:
  // Runs the job; from its `turn`th writing call on each fails, the first perhaps only after a half
  // of its bytes. Whether there was such a call.
  static bool FailFrom(const Job& job, int turn, bool halved, int error) {
    constexpr long kPage = 4096;  // of less a file system writes all or nothing
    TracedChild child(job.work);
    int writes = 0;
    bool short_write = halved;
    while (child.Step()) {  // on its way in
      if (Writes(child.Call()) && ++writes >= turn) {
        if (short_write && child.Call() == SYS_pwrite64 && child.Third() > kPage) {
          child.SetThird(child.Third() / 2);
          child.Step();
          short_write = false;
          continue;
        }
        child.Fail(error);
        continue;
      }
      if (!child.Step()) break;  // and out
    }
    EXPECT_TRUE(child.Finish()) << job.name;
    return writes >= turn;
  }

  void FailEverywhere(const Job& job) {
    const std::string file = ReadAll(path_);
    const VaultState before = State();
    ASSERT_TRUE(job.work().ok()) << job.name;
    const VaultState after = State();
    const std::string done = ReadAll(path_);
    for (const auto& [halved, error] :
         {std::pair(false, ENOSPC), std::pair(true, ENOSPC), std::pair(false, EIO)}) {
      for (int turn = 1;; ++turn) {
        WriteAll(path_, file);
        if (!FailFrom(job, turn, halved, error)) break;
        ++failed_;
        EXPECT_FALSE(std::filesystem::exists(path_ + ".new")) << job.name << turn;
        RequireOldOrNew(before, after, job.name + ", write " + std::to_string(turn));
        if (HasFatalFailure()) return;
      }
    }
    WriteAll(path_, done);
  }

  int failed_ = 0;
};

TEST_F(FullDiskTest, AtEachWriteTheVaultIsTheOldOrTheNewAndNothingIsLeft) {
  for (const Job& job : Jobs(/*rounds=*/1)) {
    FailEverywhere(job);
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_GT(failed_, 150);
  EXPECT_GT(seen_old_, 100);
}

#endif

}  // namespace
}  // namespace runward
