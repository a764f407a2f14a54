#include "hooks/network_members.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netfilter/network_scope.h"

namespace runward {
namespace {

using testing::Contains;
using testing::Not;

class ChildTest : public testing::Test {
 protected:
  void SetUp() override {
    child_ = fork();
    if (child_ == 0) {
      pause();
      _exit(0);
    }
  }
  void End() {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    ended_ = child_;
    child_ = -1;
  }
  void TearDown() override { End(); }

  pid_t child_ = -1;
  pid_t ended_ = -1;
};

TEST_F(ChildTest, OthersInNetworkAreAllButThatAndTheCaller) {
  const NetNamespace space = std::move(NetNamespaceOf(getpid())).value();
  const auto others = OthersInNetwork(space, getppid());
  ASSERT_TRUE(others.ok()) << others.error().message;
  EXPECT_THAT(others.value(), Contains(child_));
  EXPECT_THAT(others.value(), Not(Contains(getpid())));
  EXPECT_THAT(others.value(), Not(Contains(getppid())));
  const NetNamespace other{.fd = {}, .inode = 1};
  EXPECT_TRUE(OthersInNetwork(other, getpid()).value().empty());
}

TEST_F(ChildTest, StrangersAreOfNoneOfTheGroups) {
  const std::string group = UnifiedGroupOf(child_).value();
  EXPECT_TRUE(IsStranger(child_, {}).value());
  EXPECT_TRUE(IsStranger(child_, {"/none"}).value());
  EXPECT_EQ(IsStranger(child_, {"/none", group}).value(), group.size() < 2);
}

TEST(IsWithin, KnowsAGroupAndWhatLiesBeneath) {
  EXPECT_TRUE(IsWithin("/pods/a", {"/none", "/pods/a"}));
  EXPECT_TRUE(IsWithin("/pods/a/b/c", {"/pods/a"}));
  EXPECT_FALSE(IsWithin("/pods/ab", {"/pods/a"}));
  EXPECT_FALSE(IsWithin("/pods", {"/pods/a"}));
  EXPECT_FALSE(IsWithin("/pods/a", {}));
}

TEST(IsWithin, EverybodysGroupIsNobodys) {
  EXPECT_FALSE(IsWithin("/pods/a", {"/"}));
  EXPECT_FALSE(IsWithin("/", {"/"}));
  EXPECT_FALSE(IsWithin("/pods/a", {""}));
  EXPECT_FALSE(IsWithin("", {""}));
}

TEST_F(ChildTest, WhoHasEndedIsNoStranger) {
  End();
  EXPECT_FALSE(IsStranger(ended_, {}).value());
}

}  // namespace
}  // namespace runward
