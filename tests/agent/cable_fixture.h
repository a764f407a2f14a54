#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/kernel_pins.h"
#include "agent/veth_rules.h"
#include "base/fd.h"
#include "netfilter/cables.h"
#include "netfilter/net_namespace.h"

namespace runward {

// A network namespace as the host's, with a cable "far" to another one, where it is "near"; and a
// BPF filesystem of the test's own.
class CableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/runward-cable-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
    before_ = UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 ||
        mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "not root";
    }
    pins_ = dir_ + "/pins";
    if (!PreparePins(pins_).ok()) GTEST_SKIP() << "no BPF filesystem";
    // Another namespace is held by the test itself, which makes it and goes back.
    UniqueFd host(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    auto inside = NetNamespaceOf(getpid());
    ASSERT_TRUE(inside.ok());
    inside_ = std::move(inside).value();
    ASSERT_EQ(setns(host.get(), CLONE_NEWNET), 0);
    const std::string there =
        "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(inside_.fd.get());
    ASSERT_EQ(Run("ip link add far type veth peer name near netns " + there +
                  " && ip link set far up && nsenter --net=" + there + " ip link set near up"),
              0);
    auto cables = CablesOf(inside_);
    ASSERT_TRUE(cables.ok()) << cables.error().message;
    ASSERT_EQ(cables.value().all.size(), 1U);
    cable_ = cables.value().all.front();
  }
  void TearDown() override {
    umount2(pins_.c_str(), MNT_DETACH);
    std::error_code error;
    std::filesystem::remove_all(dir_, error);
    if (before_.valid()) (void)setns(before_.get(), CLONE_NEWNET);
  }

  static int Run(const std::string& command) {
    return std::system(("PATH=/usr/sbin:/usr/bin:/sbin:/bin; " + command).c_str());  // NOLINT
  }

  std::string dir_;
  std::string pins_;
  UniqueFd before_;
  NetNamespace inside_;
  Cable cable_;
};

}  // namespace runward
