#include "oci/resulting_config.h"

#include "oci/network_config.h"
#include "oci/no_exec.h"
#include "oci/secret_config.h"
#include "oci/spec.h"
#include "oci/start_controls.h"

namespace runward {

ResultingConfig::ResultingConfig(const JsonDocument& given, std::string path)
    : given_(given), path_(std::move(path)) {}

Result<const JsonDocument*> ResultingConfig::Current() {
  if (!changed()) return &given_;
  document_ = TRY(ReadSpec(text_, path_));
  return &*document_;
}

Result<void> ResultingConfig::DropOldHook(std::string_view listener) {
  const JsonDocument* current = TRY(Current());
  std::string text = WithoutOurHook(*current);
  if (!text.empty()) text_ = std::move(text);
  current = TRY(Current());
  text = WithoutListener(*current, listener);
  if (!text.empty()) text_ = std::move(text);
  return {};
}

Result<void> ResultingConfig::NotifyExecs(const SeccompListener& listener) {
  const JsonDocument* current = TRY(Current());
  text_ = TRY(WithListener(*current, listener));
  return {};
}

Result<void> ResultingConfig::Deny(const std::vector<std::string>& syscalls) {
  const JsonDocument* current = TRY(Current());
  std::string text = TRY(WithDeniedSyscalls(*current, syscalls));
  if (!text.empty()) text_ = std::move(text);
  return {};
}

Result<void> ResultingConfig::NoExec(const std::vector<std::string>& except) {
  const JsonDocument* current = TRY(Current());
  std::string text = WithoutExec(*current, except);
  if (!text.empty()) text_ = std::move(text);
  return {};
}

Result<void> ResultingConfig::AddSecretVariables(const std::vector<SecretRule>& rules,
                                                 const std::string& helper) {
  const JsonDocument* current = TRY(Current());
  std::string text = TRY(WithSecretVariables(*current, rules, helper));
  if (!text.empty()) text_ = std::move(text);
  return {};
}

Result<void> ResultingConfig::WithholdNetwork(CapabilityMask guarded) {
  const JsonDocument* current = TRY(Current());
  const JsonValue process = current->root().Find("process");
  std::string text = WithoutNetworkCapabilities(*current, process, guarded);
  if (!text.empty()) text_ = std::move(text);
  return {};
}

Result<void> ResultingConfig::AddHook(const HookEntry& hook) {
  const JsonDocument* current = TRY(Current());
  text_ = TRY(WithHook(*current, hook));
  return {};
}

}  // namespace runward
