#include "oci/start_controls.h"

#include <algorithm>

#include "oci/accounts.h"
#include "oci/container.h"
#include "oci/host_look.h"
#include "oci/json_edit.h"
#include "oci/spec_fields.h"
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

Result<ComposedSeccomp> Compose(const JsonDocument& config, const RunRule& rule) {
  const JsonValue section = TRY(ObjectField(config.root(), "linux"));
  const JsonValue seccomp = TRY(section.Field("seccomp"));
  return ComposeSeccomp(seccomp, rule.denied_syscalls, ThisProcessor());
}

}  // namespace

Result<StartControls> JudgeStart(const Paths& paths, const Policy& policy, const Decision& decision,
                                 const JsonDocument& config, const std::string& bundle,
                                 const std::string& rootfs) {
  StartControls controls;
  const auto profile =
      std::ranges::find(policy.profiles, std::string_view(decision.profile), &Profile::name);
  if (profile != policy.profiles.end()) controls.rule = ReadRunRule(profile->run);
  const ContainerConfig container = TRY(ContainerOf(config.root(), bundle));
  if (!rootfs.empty()) ResolveAccounts(rootfs, controls.rule);
  const HostView host = TRY(LookAtHost(container, controls.rule, OwnDirectories(paths), bundle));
  controls.findings = JudgeContainer(controls.rule, container, host);
  return controls;
}

Result<std::string> WithDeniedSyscalls(const JsonDocument& config, const RunRule& rule) {
  if (rule.denied_syscalls.empty()) return std::string();
  const ComposedSeccomp composed = TRY(Compose(config, rule));
  const JsonValue section = TRY(config.root().Field("linux"));
  const JsonValue seccomp = TRY(section.Field("seccomp"));
  if (seccomp) return WithReplaced(config, seccomp, composed.text);
  const std::string member = "\"seccomp\":" + composed.text;
  if (section.IsObject()) return WithReplaced(config, section, WithMember(section, member));
  if (section) return WithReplaced(config, section, "{" + member + "}");
  return WithReplaced(config, config.root(),
                      WithMember(config.root(), "\"linux\":{" + member + "}"));
}

std::string WouldClose(const JsonDocument& config, const RunRule& rule) {
  if (rule.denied_syscalls.empty()) return "";
  const Result<ComposedSeccomp> composed = Compose(config, rule);
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
