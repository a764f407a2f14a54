#include "policy/image_rule.h"

#include <algorithm>
#include <charconv>

#include "policy/validate.h"

namespace runward {
namespace {

bool SameLetters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::vector<std::string> TextsOf(JsonValue list) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const JsonValue item : list) texts.emplace_back(item.text());
  return texts;
}

Effect EffectOf(JsonValue value, Effect fallback) {
  if (value.text() == "enforce") return Effect::kEnforce;
  if (value.text() == "warn") return Effect::kWarn;
  return value.text() == "off" ? Effect::kOff : fallback;
}

Effect ModeOf(JsonValue section) { return EffectOf(section.Find("mode"), Effect::kEnforce); }

SeverityRule SeverityRuleOf(JsonValue section) {
  return {.fail = ParseSeverity(section.Find("fail").text()),
          .warn = ParseSeverity(section.Find("warn").text()),
          .mode = ModeOf(section)};
}

ListRule ListRuleOf(JsonValue section, std::string_view deny) {
  ListRule rule{.deny = TextsOf(section.Find(deny)), .allow = {}, .mode = ModeOf(section)};
  if (const JsonValue allow = section.Find("allow")) rule.allow = TextsOf(allow);
  return rule;
}

std::optional<double> ShareOf(JsonValue value) {
  const std::string_view text = value.text();
  double share = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (text.empty() || status != std::errc{}) return std::nullopt;
  return share;
}

int64_t DurationOf(JsonValue value) { return ParseDuration(value.text()).value_or(0); }

VulnerabilityRule VulnerabilityRuleOf(JsonValue image) {
  const JsonValue section = image.Find("vulnerabilities");
  const JsonValue epss = image.Find("epss");
  return {
      .severity = SeverityRuleOf(section),
      .unknown_as = ParseSeverity(section.Find("unknownAs").text()).value_or(Severity::kCritical),
      .unfixed = EffectOf(section.Find("unfixed"), Effect::kEnforce),
      .grace_ns = DurationOf(section.Find("grace")),
      .known_exploited = EffectOf(image.Find("knownExploited"), Effect::kOff),
      .epss_fail = ShareOf(epss.Find("fail")),
      .epss_warn = ShareOf(epss.Find("warn"))};
}

ScanRule ScanRuleOf(JsonValue section) {
  ScanRule rule{.max_age_ns = DurationOf(section.Find("maxAge")),
                .max_database_age_ns = DurationOf(section.Find("maxDatabaseAge")),
                .classes = {},
                .mode = ModeOf(section)};
  for (const JsonValue name : section.Find("classes")) {
    if (const auto one = ParseScanClass(name.text())) rule.classes.push_back(*one);
  }
  return rule;
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  return kSeverityNames[static_cast<size_t>(severity)];
}

std::optional<Severity> ParseSeverity(std::string_view text) {
  for (size_t i = 0; i < std::size(kSeverityNames); ++i) {
    if (SameLetters(text, kSeverityNames[i])) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

std::optional<ScanClass> ParseScanClass(std::string_view text) {
  const auto* found = std::ranges::find(kScanClassNames, text);
  if (found == std::end(kScanClassNames)) return std::nullopt;
  return static_cast<ScanClass>(found - std::begin(kScanClassNames));
}

ImageRule ReadImageRule(JsonValue image) {
  ImageRule rule{.vulnerabilities = VulnerabilityRuleOf(image),
                 .cves = ListRuleOf(image.Find("cves"), "deny"),
                 .secrets = SeverityRuleOf(image.Find("secrets")),
                 .misconfigurations = SeverityRuleOf(image.Find("misconfigurations")),
                 .licenses = ListRuleOf(image.Find("licenses"), "deny"),
                 .license_categories = TextsOf(image.Find("licenses").Find("categories")),
                 .packages = ListRuleOf(image.Find("packages"), "deny"),
                 .root = EffectOf(image.Find("root"), Effect::kOff),
                 .end_of_life = EffectOf(image.Find("endOfLife"), Effect::kOff),
                 .scan = ScanRuleOf(image.Find("scan")),
                 .labels = ListRuleOf(image.Find("labels"), "required"),
                 .bases = ListRuleOf(image.Find("bases"), "deny"),
                 .exceptions = {}};
  for (const JsonValue entry : image.Find("exceptions")) {
    rule.exceptions.push_back({.id = std::string(entry.Find("id").text()),
                               .images = TextsOf(entry.Find("images")),
                               .packages = TextsOf(entry.Find("packages")),
                               .expires = LastMomentOf(entry.Find("expires").text()),
                               .reason = std::string(entry.Find("reason").text())});
  }
  if (const JsonValue accept = image.Find("accept")) {
    const std::vector<std::string> kinds = TextsOf(accept);
    rule.accept_vex = std::ranges::find(kinds, "vex") != kinds.end();
    rule.accept_ignore = std::ranges::find(kinds, "ignore") != kinds.end();
  }
  return rule;
}

}  // namespace runward
