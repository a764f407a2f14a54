#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/kernel_commands.h"
#include "agent/kernel_rules.h"

namespace runward {

// What became of a command in a container.
enum class End { kRan, kRefused, kKilled, kOther };

// The kernel's part with real programs in the kernel: a mount namespace of its own with an overlay
// at root() and the pins, so that nothing is left behind, however a test ends. Skips without root.
class KernelTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Loads, or takes over. `kernel_` is set afterwards.
  void Load();
  [[nodiscard]] std::string root() const { return dir_ + "/root"; }  // the image: lower layer
  [[nodiscard]] std::string other() const {
    return dir_ + "/other";
  }  // a tmpfs: another superblock

  // Executes `path` with these arguments in a pid namespace that is registered with `rules` for as
  // long as it lasts, or, without rules, is not registered. It ran when it ended with status 0.
  End Run(const std::string& path, const std::vector<std::string>& argv,
          const std::optional<KernelRules>& rules);
  // The same for code that ends with the exit status. Called in the child, after `before`, which is
  // called here when the child is registered.
  End RunCode(
      const std::function<int()>& code, const std::optional<KernelRules>& rules,
      const std::function<void()>& before = [] {});
  [[nodiscard]] KernelRules Rules() const;  // enforcing, of an image at root(), otherwise empty
  std::vector<KernelEvent> Events();

  static std::string pins();

  std::string dir_;
  std::string attacks_;  // where bin/attack and what it needs lie
  std::unique_ptr<KernelCommands> kernel_;
  uint64_t number_ = 0;     // of the container that ran last
  uint32_t namespace_ = 0;  // its
  uint64_t lost_ = 0;       // its events that did not fit
};

// How a denied exec ends: refused by the better tiers, killed by the last.
End Denied(const KernelCommands& kernel);

FileKey KeyOf(const std::string& path);

}  // namespace runward
