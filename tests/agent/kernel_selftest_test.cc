// The self-test must see that nothing decides: a kernel may take programs and never run them.
#include "agent/kernel_selftest.h"

#include <unistd.h>

#include "agent/kernel_pins.h"
#include "tests/agent/kernel_fixture.h"

namespace runward {
namespace {

TEST_F(KernelTest, TheSelfTestFailsWhereProgramsDoNotRun) {
  std::vector<std::string> versions = PinnedVersions(pins());
  ASSERT_EQ(versions.size(), 1U);
  std::string dir = pins() + "/" + versions[0];
  Result<KernelMaps> maps = KernelMaps::Open(dir);
  ASSERT_TRUE(maps.ok());
  EXPECT_TRUE(KernelSelfTest(kernel_->tier(), maps.value()).ok());
  for (const std::string& link : KernelLinks(kernel_->tier())) {
    EXPECT_EQ(unlink((dir + "/" + link).c_str()), 0);
  }
  // The kernel lets go of a link's program some time after its last name is gone.
  Result<void> proven = KernelSelfTest(kernel_->tier(), maps.value());
  for (int tries = 0; proven.ok() && tries < 100; ++tries) {
    usleep(50'000);
    proven = KernelSelfTest(kernel_->tier(), maps.value());
  }
  ASSERT_FALSE(proven.ok());
  EXPECT_NE(proven.error().message.find(" succeeded; expected: was "), std::string::npos)
      << proven.error().message;
  EXPECT_TRUE(maps.value().Registered().empty());
}

TEST_F(KernelTest, AnIncompleteVersionIsReplaced) {
  std::string dir = pins() + "/" + PinnedVersions(pins())[0];
  EXPECT_EQ(unlink((dir + "/" + KernelLinks(kernel_->tier())[0]).c_str()), 0);
  Load();
  KernelRules rules = Rules();
  rules.names = {{.name = "plain"}};
  EXPECT_NE(Run(root() + "/bin/plain", {"x"}, rules), End::kRan);
}

}  // namespace
}  // namespace runward
