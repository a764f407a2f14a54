#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/fd.h"

namespace runward {

// A test in a network namespace of its own, with the loopback up; skipped where that needs more
// rights than there are, or a program that is not there.
class NamespaceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    if (access("/usr/sbin/nft", X_OK) != 0) GTEST_SKIP() << "needs nft";
    before_ = UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs network namespaces";
    inside_ = true;
    ASSERT_EQ(Run("ip link set lo up"), 0);
  }
  void TearDown() override {
    if (inside_) {
      ASSERT_EQ(setns(before_.get(), CLONE_NEWNET), 0);
    }
  }

  static int Run(const std::string& command) {
    return std::system(("PATH=/usr/sbin:/usr/bin:/sbin:/bin; " + command).c_str());  // NOLINT
  }
  static void Rules(const std::string& text) {
    ASSERT_EQ(Run("nft -f - <<'END'\n" + text + "\nEND"), 0);
  }
  [[nodiscard]] const UniqueFd& host() const { return before_; }

 private:
  UniqueFd before_;
  bool inside_ = false;
};

}  // namespace runward
