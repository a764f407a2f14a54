#include "policy/secret_rule.h"

#include <algorithm>
#include <array>
#include <utility>

namespace runward {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 5> kNumbers = {
    {{"SIGHUP", 1}, {"SIGINT", 2}, {"SIGTERM", 15}, {"SIGUSR1", 10}, {"SIGUSR2", 12}}};

uint32_t ModeOf(std::string_view text) {
  uint32_t mode = 0;
  for (const char c : text) mode = mode * 8 + static_cast<uint32_t>(c - '0');
  return mode;
}

std::optional<uint32_t> IdOf(JsonValue value) {
  const auto number = value.Int();
  if (!value || !number.ok()) return std::nullopt;
  return static_cast<uint32_t>(number.value());
}

SecretRule RuleOf(JsonValue entry) {
  SecretRule rule{.name = std::string(entry.Find("name").text()),
                  .file = std::string(entry.Find("file").text()),
                  .env = std::string(entry.Find("env").text()),
                  .file_env = std::string(entry.Find("fileEnv").text()),
                  .signal = std::string(entry.Find("signal").text())};
  if (const JsonValue mode = entry.Find("mode")) rule.mode = ModeOf(mode.text());
  rule.uid = IdOf(entry.Find("uid"));
  rule.gid = IdOf(entry.Find("gid"));
  rule.refresh = entry.Find("refresh").text() == "true";
  return rule;
}

}  // namespace

std::vector<SecretRule> ReadSecretRules(JsonValue secrets) {
  std::vector<SecretRule> rules;
  rules.reserve(secrets.size());
  for (const JsonValue entry : secrets) rules.push_back(RuleOf(entry));
  return rules;
}

int SignalNumber(std::string_view name) {
  const auto* found = std::ranges::find(kNumbers, name, &decltype(kNumbers)::value_type::first);
  return found == kNumbers.end() ? 0 : found->second;
}

bool IsVariableName(std::string_view text) {
  constexpr size_t kLongest = 128;
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto later = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kLongest && letter(text.front()) &&
         std::ranges::all_of(text, later);
}

}  // namespace runward
