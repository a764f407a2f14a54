#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/group_hold.h"
#include "agent/group_links.h"
#include "agent/kernel_pins.h"
#include "base/fd.h"

namespace runward {

// A BPF filesystem and a control group of the test's own, in a mount namespace of its own.
class GroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/runward-group-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
    groups_ = dir_ + "/groups";
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      GTEST_SKIP() << "not root";
    }
    std::filesystem::create_directory(groups_);
    if (mount("cgroup2", groups_.c_str(), "cgroup2", 0, nullptr) != 0) {
      GTEST_SKIP() << "no unified hierarchy, or not root";
    }
    group_ = groups_ + "/runward-test-" + std::to_string(getpid());
    std::filesystem::create_directory(group_);
    if (!PreparePins(dir_ + "/pins").ok()) GTEST_SKIP() << "no BPF filesystem";
    pinned_ = dir_ + "/pins/one";
  }
  void TearDown() override {
    RemoveGroupRules(pinned_);
    rmdir(group_.c_str());
    umount2(groups_.c_str(), MNT_DETACH);
    umount2((dir_ + "/pins").c_str(), MNT_DETACH);
    std::error_code error;
    std::filesystem::remove_all(dir_, error);
  }

  // Rules of a start, at the directory.
  [[nodiscard]] Result<GroupHold> Hold(const std::string& group, const WantedRules& wanted) const {
    const UniqueFd fd(open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return HoldGroup(pinned_, fd.get(), wanted);
  }
  // That deny all; `allow` lets egress pass.
  static WantedRules Wanted(const std::string& start = "1-1", bool allow = false) {
    WantedRules wanted;
    wanted.start = start;
    wanted.plan.default_allow = {allow, false};
    return wanted;
  }

  std::string dir_;
  std::string groups_;
  std::string group_;
  std::string pinned_;
};

}  // namespace runward
