#include "base/paths.h"

namespace runward {

Paths PathsFor(const std::string& root) {
  if (root.empty()) {
    return {.policy = "/etc/runward/policy.json",
            .runtime = "/etc/runward/runtime.json",
            .verdicts = "/var/lib/runward/verdicts",
            .run = "/run/runward",
            .log = "/var/log/runward",
            .vault = "/var/lib/runward/vault",
            .vault_key = "/etc/runward/vault.key",
            .root_flag = ""};
  }
  return {.policy = root + "/policy.json",
          .runtime = root + "/runtime.json",
          .verdicts = root + "/verdicts",
          .run = root + "/run",
          .log = root + "/log",
          .vault = root + "/vault",
          .vault_key = root + "/vault.key",
          .root_flag = "--runward-root=" + root};
}

}  // namespace runward
