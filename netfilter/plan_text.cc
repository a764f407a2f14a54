#include "netfilter/plan_text.h"

#include <array>
#include <cstdio>

namespace runward {
namespace {

std::string_view UnitText(uint64_t seconds) {
  constexpr std::array<std::pair<uint64_t, std::string_view>, 4> kUnits = {
      {{1, "second"}, {60, "minute"}, {3600, "hour"}, {86400, "day"}}};
  for (const auto& [unit, name] : kUnits) {
    if (unit == seconds) return name;
  }
  return "second";
}

struct PartText {
  std::string operator()(const PlanMatch& match) const { return match.text; }
  std::string operator()(const PlanLimit& limit) const {
    return "limit rate " + std::to_string(limit.rate.count) + "/" +
           std::string(UnitText(limit.rate.unit_seconds)) + " burst " +
           std::to_string(limit.rate.burst) + " packets";
  }
  std::string operator()(const PlanLog& log) const {
    return "log prefix \"" + log.prefix + "\" group " + std::to_string(log.group) + " snaplen " +
           std::to_string(kLogBytes) + " queue-threshold " + std::to_string(kLogQueue);
  }
  std::string operator()(const PlanCounter&) const { return "counter"; }
  std::string operator()(const PlanMark& mark) const {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%08x", mark.mark);
    return std::string("ct mark set ") + text.data();
  }
  std::string operator()(const PlanRedirect& redirect) const {
    return "redirect to :" + std::to_string(redirect.port);
  }
  std::string operator()(const PlanVerdict& verdict) const {
    constexpr std::array<const char*, 4> kWords = {"accept", "drop", "jump ", "return"};
    return kWords[static_cast<size_t>(verdict.what)] + verdict.chain;
  }
};

std::string_view TypeText(SetKind kind) {
  constexpr std::array<std::string_view, 5> kTypes = {"ipv4_addr", "ipv6_addr", "inet_service",
                                                      "icmp_type", "icmpv6_type"};
  return kTypes[static_cast<size_t>(kind)];
}

std::string SetText(const PlanSet& set) {
  std::string text = "  set " + set.name + " {\n    type " + std::string(TypeText(set.kind)) + "\n";
  if (set.timed) return text + "    flags timeout\n  }\n";
  if (IsInterval(set)) text += "    flags interval\n";
  if (set.live && set.names.empty()) return text + "  }\n";
  std::string elements;
  const auto add = [&elements](const std::string& one) {
    if (!elements.empty()) elements += ",\n                 ";
    elements += one;
  };
  for (const AddressRange& range : set.ranges) add(FormatRange(range));
  for (const TimedAddress& one : set.names) add(FormatAddress(one.address));
  for (const PortRange& range : set.numbers) {
    add(range.first == range.last ? std::to_string(range.first)
                                  : std::to_string(range.first) + "-" + std::to_string(range.last));
  }
  return text + "    elements = { " + elements + " }\n  }\n";
}

std::string HookText(const PlanHook& hook) {
  constexpr std::array<const char*, 4> kPoints = {"", "input", "forward", "output"};
  return std::string("    type ") + (hook.nat ? "nat" : "filter") + " hook " +
         kPoints[static_cast<size_t>(hook.point)] + " priority " + std::to_string(hook.priority) +
         "; policy accept;\n";
}

}  // namespace

std::string RuleText(const PlanRule& rule) {
  std::string text;
  for (const PlanPart& part : rule)
    text += (text.empty() ? "" : " ") + std::visit(PartText{}, part);
  return text;
}

std::string PlanText(const NetfilterPlan& plan) {
  std::string text = "table inet " + plan.table + " {\n";
  for (const PlanSet& set : plan.sets) text += SetText(set);
  for (const PlanChain& chain : plan.chains) {
    text += "  chain " + chain.name + " {\n";
    if (chain.hook) text += HookText(*chain.hook);
    for (const PlanRule& rule : chain.rules) text += "    " + RuleText(rule) + "\n";
    text += "  }\n";
  }
  return text + "}\n";
}

}  // namespace runward
