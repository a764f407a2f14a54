#include "shim/exec_controls.h"

#include <charconv>
#include <cstdlib>

#include "policy/wording.h"

namespace runward {
namespace {

std::optional<uint32_t> ParseId(std::string_view text) {
  uint32_t id = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  if (id == UINT32_MAX) return std::nullopt;  // (uid_t)-1: setuid(2) would leave root as it is
  return id;
}

void ReadUser(const Invocation& call, ExecCall& asked) {
  const std::optional<std::string> user = call.Value("user");
  asked.user = user.has_value();
  if (!user) {
    asked.groups = call.grammar != Grammar::kRunc;
    return;
  }
  const size_t colon = user->find(':');
  const auto uid = ParseId(std::string_view(*user).substr(0, colon));
  asked.groups = colon != std::string::npos || call.grammar != Grammar::kRunc;
  const auto gid = colon == std::string::npos ? std::optional<uint32_t>(0)
                                              : ParseId(std::string_view(*user).substr(colon + 1));
  if (!uid || !gid) {
    asked.unclear = *user;
    return;
  }
  asked.process.uid = *uid;
  asked.process.gid = *gid;
}

// 0 for "0", "-1" and what is no number; otherwise more. Suffixes ("512M") do not matter here.
int64_t LimitOf(const std::string& text) {
  int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) return text.front() == '-' ? -1 : 1;
  return value;
}

std::string CgroupAsked(const Invocation& call, std::span<const std::string> administrators) {
  for (const std::string& cgroup : call.Values("cgroup")) {
    if (cgroup.find("..") != std::string::npos) return "the cgroup " + Quoted(cgroup);
  }
  if (call.Global("cgroup-manager") != "disabled") return "";
  Invocation own;
  (void)ParseArgv(administrators, call.grammar, own);  // no command in it: its globals count
  if (own.Global("cgroup-manager") == "disabled") return "";
  return "no cgroup, by --cgroup-manager=disabled";
}

// What is no number counts: the runtime may understand it.
int CountOf(const std::string& text) {
  uint16_t count = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
  return status == std::errc{} && end == text.data() + text.size() ? count : 1;
}

int FdsAsked(const Invocation& call) {
  int count = 0;
  for (const std::string& text : call.Values("preserve-fds")) count += CountOf(text);
  const char* const listening = std::getenv("LISTEN_FDS");
  return count + (listening == nullptr ? 0 : CountOf(listening));
}

}  // namespace

ExecCall ExecByOptions(const Invocation& call) {
  ExecCall asked;
  ReadUser(call, asked);
  for (const std::string& text : call.Values("additional-gids")) {
    const auto gid = ParseId(text);
    if (!gid) asked.unclear = text;
    asked.groups = true;
    asked.process.additional_gids.push_back(gid.value_or(0));
  }
  if (const std::vector<std::string> caps = call.Values("cap"); !caps.empty()) {
    asked.process.capabilities = CapabilitySets{.bounding = caps};
  }
  asked.process.no_new_privileges = call.Value("no-new-privs").has_value();
  asked.no_new_privileges = call.grammar != Grammar::kRunc || asked.process.no_new_privileges;
  return asked;
}

CallAsked AskedBy(const Invocation& call, std::span<const std::string> administrators) {
  return {.cgroup = CgroupAsked(call, administrators),
          .no_pivot = call.Value("no-pivot").has_value(),
          .fds = FdsAsked(call)};
}

ResourceLimits LimitsByOptions(const Invocation& call) {
  ResourceLimits limits;
  if (const auto memory = call.Value("memory")) limits.memory_limit = LimitOf(*memory);
  if (const auto pids = call.Value("pids-limit")) limits.pids_limit = LimitOf(*pids);
  if (const auto quota = call.Value("cpu-quota")) limits.cpu_quota = LimitOf(*quota);
  return limits;
}

std::vector<RunFinding> JudgeExecCall(const RunRule& rule, const ExecCall& call) {
  const ExecAsked asked{.process = &call.process,
                        .user = call.user && call.unclear.empty(),
                        .groups = call.groups && call.unclear.empty(),
                        .no_new_privileges = call.no_new_privileges};
  std::vector<RunFinding> findings = JudgeExec(rule, asked);
  for (RunFinding& finding : JudgeCall(rule, call.call)) findings.push_back(std::move(finding));
  const bool limited = rule.users.limited || rule.groups.limited;
  if (!call.unclear.empty() && limited) {
    findings.push_back({rule.users.limited ? "users" : "groups",
                        Quoted(call.unclear) + ", which is no number",
                        DescribeAccounts(rule.users.limited ? rule.users : rule.groups)});
  }
  return findings;
}

}  // namespace runward
