#pragma once

#include <gtest/gtest.h>

#include <string>

#include "policy/controls.h"
#include "policy/run_rule.h"

namespace runward::test {

// The rule of a "run" section's text.
inline RunRule RuleOf(const std::string& text) {
  const Result<JsonDocument> document = JsonDocument::Parse(text);
  EXPECT_TRUE(document.ok()) << text;
  return document.ok() ? ReadRunRule(document.value().root()) : RunRule{};
}

// "users: user 0 (allowed: non-root); ..."; "" for none.
inline std::string Told(const std::vector<RunFinding>& findings) {
  std::string text;
  for (const RunFinding& finding : findings) {
    text += (text.empty() ? "" : "; ") + finding.control + ": " + finding.asked +
            " (allowed: " + finding.allowed + ")";
  }
  return text;
}

// What a careful engine asks for: nothing that any control would find.
inline ContainerConfig Harmless() {
  ContainerConfig config;
  config.process.uid = 1000;
  config.process.gid = 1000;
  config.process.no_new_privileges = true;
  config.process.capabilities = CapabilitySets{};
  config.read_only_root = true;
  config.namespaces = {{"ipc", ""}, {"mount", ""}, {"network", ""}, {"pid", ""}, {"uts", ""}};
  config.mounts = {{.destination = "/proc", .type = "proc", .source = "proc"}};
  config.resources.devices = {{.allow = false, .access = "rwm"}};
  config.resources.memory_limit = 1 << 20;
  config.resources.pids_limit = 10;
  config.resources.cpu_quota = 1000;
  config.seccomp = SeccompSummary{.default_action = "SCMP_ACT_ERRNO", .rules = 1};
  config.masked_paths = {"/proc/kcore"};
  config.read_only_paths = {"/proc/sys", "/proc/sysrq-trigger"};
  return config;
}

}  // namespace runward::test
