#include "oci/start_controls.h"

#include <algorithm>

#include "oci/accounts.h"
#include "oci/container.h"
#include "oci/host_look.h"
#include "oci/json_edit.h"
#include "oci/spec_fields.h"
#include "policy/compliance.h"
#include "policy/seccomp_compose.h"

namespace runward {
namespace {

constexpr size_t kNamedCalls = 40;

constexpr Processor ThisProcessor() {
#if defined(__aarch64__)
  return Processor::kArm64;
#else
  return Processor::kX86;
#endif
}

Result<ComposedSeccomp> Compose(const JsonDocument& config,
                                const std::vector<std::string>& denied) {
  const JsonValue section = TRY(ObjectField(config.root(), "linux"));
  const JsonValue seccomp = TRY(section.Field("seccomp"));
  return ComposeSeccomp(seccomp, denied, ThisProcessor());
}

}  // namespace

RunRule RuleOf(const Policy& policy, std::string_view profile) {
  const auto found = std::ranges::find(policy.profiles, profile, &Profile::name);
  return found == policy.profiles.end() ? RunRule{} : ReadRunRule(found->run);
}

Result<StartControls> JudgeStart(const Paths& paths, RunRule rule, const Starting& start) {
  StartControls controls{.rule = std::move(rule)};
  const ContainerConfig container = TRY(ContainerOf(start.config.root(), start.bundle));
  if (!start.rootfs.empty()) ResolveAccounts(start.rootfs, controls.rule);
  controls.host = TRY(LookAtHost(container, controls.rule, OwnDirectories(paths), start.bundle));
  controls.findings = JudgeContainer(controls.rule, container, controls.host);
  controls.checks = CheckCompliance(container, controls.host);
  return controls;
}

Result<std::string> WithDeniedSyscalls(const JsonDocument& config,
                                       const std::vector<std::string>& denied) {
  if (denied.empty()) return std::string();
  const ComposedSeccomp composed = TRY(Compose(config, denied));
  const JsonValue section = TRY(config.root().Field("linux"));
  const JsonValue seccomp = TRY(section.Field("seccomp"));
  if (seccomp) return WithReplaced(config, seccomp, composed.text);
  const std::string member = "\"seccomp\":" + composed.text;
  if (section.IsObject()) return WithReplaced(config, section, WithMember(section, member));
  if (section) return WithReplaced(config, section, "{" + member + "}");
  return WithReplaced(config, config.root(),
                      WithMember(config.root(), "\"linux\":{" + member + "}"));
}

std::string WouldClose(const JsonDocument& config, const std::vector<std::string>& denied) {
  if (denied.empty()) return "";
  const Result<ComposedSeccomp> composed = Compose(config, denied);
  if (!composed.ok()) return "run.syscalls: " + composed.error().message;
  const std::vector<std::string_view>& closed = composed.value().closed;
  if (closed.empty()) return "";
  std::string text = "run.syscalls: in enforce mode these system calls would fail:";
  for (size_t i = 0; i < std::min(closed.size(), kNamedCalls); ++i) {
    text.append(" ").append(closed[i]);
  }
  if (closed.size() > kNamedCalls) {
    text += " and " + std::to_string(closed.size() - kNamedCalls) + " more";
  }
  return text;
}

}  // namespace runward
