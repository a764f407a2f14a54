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

// The configuration's text with that linux.seccomp.
Result<std::string> WithSeccomp(const JsonDocument& config, const std::string& text) {
  const JsonValue section = TRY(config.root().Field("linux"));
  const JsonValue seccomp = TRY(section.Field("seccomp"));
  if (seccomp) return WithReplaced(config, seccomp, text);
  const std::string member = "\"seccomp\":" + text;
  if (section.IsObject()) return WithReplaced(config, section, WithMember(section, member));
  if (section) return WithReplaced(config, section, "{" + member + "}");
  return WithReplaced(config, config.root(),
                      WithMember(config.root(), "\"linux\":{" + member + "}"));
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
  controls.rule = RuleForExecs(std::move(controls.rule), container);  // what is recorded of it
  return controls;
}

Result<std::string> WithDeniedSyscalls(const JsonDocument& config,
                                       const std::vector<std::string>& denied) {
  if (denied.empty()) return std::string();
  return WithSeccomp(config, TRY(Compose(config, denied)).text);
}

Result<std::string> WithListener(const JsonDocument& config, const SeccompListener& listener) {
  const JsonValue section = TRY(ObjectField(config.root(), "linux"));
  const JsonValue seccomp = TRY(section.Field("seccomp"));
  return WithSeccomp(config, TRY(NotifyExecs(seccomp, listener, ThisProcessor())));
}

std::string WithoutListener(const JsonDocument& config, std::string_view path) {
  const JsonValue seccomp = config.root().Find("linux").Find("seccomp");
  const std::string text = WithoutNotifiedExecs(seccomp, path);
  return text.empty() ? "" : WithReplaced(config, seccomp, text);
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
