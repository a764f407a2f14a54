#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "vault/verify.h"
#include "vault_fixture.h"

namespace runward {
namespace {

// Runs `work` in a child that is killed as it enters (or, with `after`, leaves) its `stop`th system
// call. Whether it was killed before its end.
template <typename Work>
bool KilledAt(int stop, const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  // Each call stops twice: on its way in and on its way out, so both sides of it are tried.
  for (int stops = 0; stops < stop; ++stops) {
    ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) return false;
  }
  // As it enters: the call is never made (SIGKILL comes before it).
  kill(child, SIGKILL);
  ptrace(PTRACE_CONT, child, nullptr, nullptr);
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

class CrashTest : public VaultFixture {
 protected:
  // Kills `work` at every stop in turn, from the state `before`; each time the vault must be as it
  // was or as `work` makes it, and take the next write.
  template <typename Work>
  int TryAll(const Work& work, const std::string& old_value, const std::string& new_value) {
    const std::string before = ReadAll(path_);
    int stop = 1;
    bool seen_old = false;
    bool seen_new = false;
    for (; KilledAt(stop, work); ++stop) {
      const Result<VaultReport> whole = VerifyVault(path_, *key_);
      if (!whole.ok()) {
        ADD_FAILURE() << "stop " << stop << ": " << whole.error().message;
        return stop;
      }
      const std::string value = Get("a#k");
      seen_old |= value == old_value;
      seen_new |= value == new_value;
      if (value != old_value && value != new_value) ADD_FAILURE() << stop << ": " << value;
      EXPECT_EQ(Get("kept#k"), "kept") << stop;
      if (!Put("next#k", "next").ok() || Get("next#k") != "next") ADD_FAILURE() << stop;
      WriteAll(path_, before);
    }
    EXPECT_TRUE(seen_old && seen_new);
    return stop;
  }
};

TEST_F(CrashTest, PutLeavesTheOldOrTheNew) {
  ASSERT_TRUE(Put("kept#k", "kept").ok());
  ASSERT_TRUE(Put("a#k", "old").ok());
  const int stops = TryAll([&] { (void)Put("a#k", "new").ok(); }, "old", "new");
  EXPECT_GT(stops, 20);
}

TEST_F(CrashTest, ManyAtOnceAreAllOrNone) {
  ASSERT_TRUE(Put("kept#k", "kept").ok());
  ASSERT_TRUE(Put("a#k", "old").ok());
  const auto work = [&] {
    VaultWriter writer = VaultWriter::Open(path_, *key_).value();
    const std::string large(kMaxValueBytes, 'v');
    for (int i = 0; i < 3; ++i) {
      (void)writer.Put(Name("n" + std::to_string(i) + "#k"), large, {}, now_).ok();
    }
    (void)writer.Put(Name("a#k"), "new", {}, now_).ok();
    (void)writer.Commit(now_).ok();
  };
  TryAll(work, "old", "new");
}

TEST_F(CrashTest, CompactionLeavesTheOldOrTheNew) {
  ASSERT_TRUE(Put("kept#k", "kept").ok());
  ASSERT_TRUE(Put("a#k", "old").ok());
  ASSERT_TRUE(Put("a#k", "new").ok());
  const auto work = [&] {
    VaultWriter writer = VaultWriter::Open(path_, *key_).value();
    (void)writer.Destroy(Name("a#k"), 2).ok();
    (void)writer.Commit(now_).ok();
  };
  TryAll(work, "new", "old");
}

TEST_F(CrashTest, InitLeavesAVaultOrNone) {
  const std::string path = directory_ + "/second";
  std::vector<SlotSecret> slots;
  slots.push_back(KeySlotSecret(kSlotBytes));
  int stop = 1;
  for (; KilledAt(stop, [&] { (void)CreateVault(path, slots, now_).ok(); }); ++stop) {
    if (std::filesystem::exists(path)) {
      EXPECT_EQ(std::filesystem::file_size(path), ReadAll(path).size());
      EXPECT_TRUE(VaultHeader::Parse(ReadAll(path), path).ok()) << stop;
    }
    std::filesystem::remove(path);
  }
  EXPECT_GT(stop, 10);
}

}  // namespace
}  // namespace runward
