#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "oci/hook_entry.h"
#include "policy/capabilities.h"
#include "policy/seccomp_notify.h"
#include "policy/secret_rule.h"

namespace runward {

// What a start makes of its config.json: nothing, or another text for the same file, in which only
// the places of these changes differ. Each change is made to what the one before left.
class ResultingConfig {
 public:
  // `given` must outlive it; `path` is for messages.
  ResultingConfig(const JsonDocument& given, std::string path);

  // A bundle that was started before may still have the hook of that start, and a listener at
  // `listener` for what it executes.
  Result<void> DropOldHook(std::string_view listener);
  // Takes system calls (sorted, each once) out of the seccomp profile.
  Result<void> Deny(const std::vector<std::string>& syscalls);
  // Has the seccomp profile ask about what is executed (policy/seccomp_notify.h).
  Result<void> NotifyExecs(const SeccompListener& listener);
  // Lets nothing be executed from mounts that bring files of the host, but beneath `except`.
  Result<void> NoExec(const std::vector<std::string>& except);
  // What secrets need of it (oci/secret_config.h).
  Result<void> AddSecretVariables(const std::vector<SecretRule>& rules, const std::string& helper);
  // Takes from the container's process what oci/network_config.h lists.
  Result<void> WithholdNetwork(CapabilityMask guarded);
  // Adds the hook, behind foreign ones.
  Result<void> AddHook(const HookEntry& hook);

  [[nodiscard]] bool changed() const { return !text_.empty(); }
  // The whole file, as it was given while nothing is changed.
  [[nodiscard]] std::string_view text() const { return changed() ? text_ : given_.text(); }

 private:
  // Read again only when there is a further change: a profile of hundreds of rules takes a while.
  Result<const JsonDocument*> Current();

  const JsonDocument& given_;
  std::string path_;
  std::string text_;  // "" while nothing is changed
  std::optional<JsonDocument> document_;
};

}  // namespace runward
