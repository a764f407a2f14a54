#include "netfilter/net_namespace.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

uint64_t Current() {
  struct stat info {};
  return stat("/proc/thread-self/ns/net", &info) == 0 ? info.st_ino : 0;
}

class NetNamespaces : public NamespaceTest {};

TEST_F(NetNamespaces, KnowsTheCallersOwn) {
  const auto own = NetNamespaceOf(getpid());
  ASSERT_TRUE(own.ok()) << own.error().message;
  EXPECT_TRUE(own.value().is_ours);
  const auto other = NetNamespaceOf(getppid());
  ASSERT_TRUE(other.ok()) << other.error().message;
  EXPECT_FALSE(other.value().is_ours);
  EXPECT_FALSE(NetNamespaceOf(0x7fffffff).ok());
}

TEST_F(NetNamespaces, EntersAndComesBack) {
  const auto other = NetNamespaceOf(getppid());
  ASSERT_TRUE(other.ok()) << other.error().message;
  const uint64_t before = Current();
  {
    const auto inside = InNetNamespace::Enter(other.value());
    ASSERT_TRUE(inside.ok()) << inside.error().message;
    EXPECT_EQ(Current(), other.value().inode);
  }
  EXPECT_EQ(Current(), before);
}

}  // namespace
}  // namespace runward
