#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "oci/container.h"
#include "oci/spec.h"
#include "oci/start_controls.h"
#include "policy/controls.h"

// Any configuration can be judged; composing it with denied system calls changes nothing but its
// seccomp profile, which then lets none of them through, and has no rule that it had not before
// except denials.
namespace {

using nlohmann::json;
using runward::JsonDocument;

const std::vector<std::string> kDenied = {"mount", "ptrace", "unshare"};  // sorted

void Require(bool holds) {
  if (!holds) std::abort();
}

bool Denies(const json& action) {
  const std::string text = action.is_string() ? action.get<std::string>() : "";
  return text == "SCMP_ACT_ERRNO" || text == "SCMP_ACT_TRAP" || text.starts_with("SCMP_ACT_KILL");
}

bool IsDenied(const json& name) {
  return name.is_string() && std::ranges::binary_search(kDenied, name.get<std::string>());
}

void RequireDenied(const json& seccomp) {
  const bool by_default = Denies(seccomp.value("defaultAction", json()));
  std::vector<std::string> named;
  for (const json& rule : seccomp.value("syscalls", json::array())) {
    if (!rule.is_object() || !rule.contains("names")) continue;
    for (const json& name : rule["names"]) {
      if (!IsDenied(name)) continue;
      Require(Denies(rule.value("action", json())));
      if (!rule.contains("args")) named.push_back(name);
    }
  }
  std::ranges::sort(named);
  Require(by_default || std::ranges::includes(named, kDenied));
}

void RequireComposed(const JsonDocument& document, const std::string& text) {
  const auto changed = runward::WithDeniedSyscalls(document, kDenied);
  if (!changed.ok()) return;
  json before = json::parse(text);
  json after = json::parse(changed.value());
  RequireDenied(after.at("linux").at("seccomp"));
  Require(runward::ReadSpec(changed.value(), "config.json").ok());
  after["linux"].erase("seccomp");
  if (!before.contains("linux") || before["linux"].is_null()) before["linux"] = json::object();
  before["linux"].erase("seccomp");
  Require(before == after);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto document = runward::ReadSpec(text, "config.json");
  if (!document.ok()) return 0;
  const auto container = runward::ContainerOf(document.value().root(), "/bundle");
  if (container.ok()) {
    const auto policy = JsonDocument::Parse(
        R"({"users": ["non-root"], "groups": ["5"], "privileged": false, "capabilities": {"allow":
        ["KILL"]}, "noNewPrivileges": true, "hostNamespaces": [], "mounts": {"deny": ["@host"]},
        "devices": {"allow": ["/dev/fuse"]}, "readOnlyRoot": true, "limits": ["cpu", "memory",
        "pids"], "syscalls": {"deny": ["@mount"], "unconfined": "deny"}})");
    const runward::RunRule rule = runward::ReadRunRule(policy.value().root());
    const auto findings = runward::JudgeContainer(rule, container.value(), {});
    const auto decision = runward::WithFindings({.outcome = runward::Outcome::kAllow}, findings);
    Require(findings.empty() == (decision.outcome == runward::Outcome::kAllow));
    Require(json(decision.reason).dump().size() < 8192);  // throws when it is not UTF-8
  }
  if (document.value().root().IsObject()) RequireComposed(document.value(), text);
  return 0;
}
