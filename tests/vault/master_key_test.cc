#include "vault/master_key.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>

namespace runward {
namespace {

constexpr MasterKey::Use kUses[] = {MasterKey::Use::kHeader, MasterKey::Use::kSuperblock,
                                    MasterKey::Use::kNode, MasterKey::Use::kValue,
                                    MasterKey::Use::kName};

std::set<std::string> KeysOf(const MasterKey& key) {
  std::set<std::string> keys = {std::string(key.bytes())};
  for (const MasterKey::Use use : kUses) {
    keys.emplace(reinterpret_cast<const char*>(key.Derived(use)), MasterKey::kBytes);
  }
  return keys;
}

TEST(MasterKey, HasADifferentKeyForEachUse) {
  EXPECT_EQ(KeysOf(MasterKey::Generate().value()).size(), 6U);
  EXPECT_NE(KeysOf(MasterKey::Generate().value()), KeysOf(MasterKey::Generate().value()));
}

TEST(MasterKey, IsTheSameFromTheSameBytes) {
  const LockedBytes bytes = LockedBytes::Copy(std::string(32, 'm')).value();
  const MasterKey key = MasterKey::FromBytes(bytes).value();
  EXPECT_EQ(KeysOf(key), KeysOf(MasterKey::FromBytes(bytes).value()));
  EXPECT_FALSE(MasterKey::FromBytes(LockedBytes::Copy("short").value()).ok());
}

TEST(MasterKey, NoProcessThatIsMadeLaterHasItWhereThatIsAskedFor) {
  MasterKey key = MasterKey::Generate().value();
  ASSERT_TRUE(key.KeepFromChildren().ok());
  const pid_t child = fork();
  if (child == 0) _exit(KeysOf(key) == std::set<std::string>{std::string(32, '\0')} ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(MacOf, DependsOnKeyUseAndBytes) {
  const MasterKey key =
      MasterKey::FromBytes(LockedBytes::Copy(std::string(32, 'm')).value()).value();
  const MasterKey other = MasterKey::Generate().value();
  const Mac mac = MacOf(key, MasterKey::Use::kHeader, "bytes");
  EXPECT_EQ(mac, MacOf(key, MasterKey::Use::kHeader, "bytes"));
  EXPECT_NE(mac, MacOf(key, MasterKey::Use::kSuperblock, "bytes"));
  EXPECT_NE(mac, MacOf(key, MasterKey::Use::kHeader, "bytes2"));
  EXPECT_NE(mac, MacOf(other, MasterKey::Use::kHeader, "bytes"));
}

}  // namespace
}  // namespace runward
