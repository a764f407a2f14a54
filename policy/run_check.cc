#include "policy/run_check.h"

#include <algorithm>

#include "base/glob.h"
#include "policy/mount_groups.h"
#include "policy/run_rule.h"
#include "policy/syscall_groups.h"
#include "policy/wording.h"

namespace runward {
namespace {

void CheckAccounts(const JsonValue& list, Problems& problems) {
  bool non_root = false;
  for (const JsonValue item : list) non_root |= item.text() == "non-root";
  for (const JsonValue item : list) {
    const auto range = ParseIdRange(item.text());
    const bool root = item.text() == "root" || (range && range->first == 0);
    if (!non_root || item.text() == "non-root") continue;
    problems.At(item,
                root ? Quoted(item.text()) + " contradicts \"non-root\""
                     : Quoted(item.text()) + " has no effect beside \"non-root\"",
                "leave one of the two out");
  }
}

void CheckSyscalls(const JsonValue& syscalls, Problems& problems) {
  if (syscalls && syscalls.size() == 0) {
    problems.At(syscalls, "\"syscalls\" restricts nothing", "add \"deny\": [\"@mount\"]");
  }
  for (const JsonValue item : syscalls.Find("deny")) {
    if (!IsNeededSyscall(item.text())) continue;
    problems.At(item, "no container could start without " + Quoted(item.text()),
                "leave it out of \"deny\"");
  }
}

// Whether a longer or equal path in `deny` makes this allowed path do nothing.
void CheckMounts(const JsonValue& mounts, Problems& problems) {
  for (const JsonValue allowed : mounts.Find("allow")) {
    for (const JsonValue denied : mounts.Find("deny")) {
      if (allowed.text() != denied.text()) continue;
      problems.At(allowed, Quoted(allowed.text()) + " is denied and allowed",
                  "leave it out of one of the two lists");
    }
  }
}

void CheckPrivileged(const JsonValue& run, Problems& problems) {
  const JsonValue privileged = run.Find("privileged");
  if (privileged.text() != "true") return;
  for (const char* other : {"capabilities", "devices"}) {
    if (!run.Find(other)) continue;
    problems.At(privileged,
                "\"privileged\": true contradicts " + Quoted(other) +
                    ", which a privileged container does not keep to",
                "leave one of the two out");
  }
}

template <typename T>
bool Within(const std::optional<T>& was, const std::optional<T>& is) {
  return !was || (is && (*is & ~*was) == 0);
}

bool DevicesWithin(const RunRule& was, const RunRule& is) {
  if (!was.devices) return true;
  if (!is.devices) return false;
  return std::ranges::all_of(*is.devices, [&](const std::string& inner) {
    return std::ranges::any_of(
        *was.devices, [&](const std::string& outer) { return PathGlobCovers(outer, inner); });
  });
}

bool Lists(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

bool MountsWithin(const RunRule& was, const RunRule& is) {
  const bool denied = std::ranges::all_of(was.denied_sources, [&](const std::string& source) {
    return Lists(is.denied_sources, source);
  });
  const bool allowed = was.denied_sources.empty() ||
                       std::ranges::all_of(is.allowed_sources, [&](const std::string& source) {
                         return Lists(was.allowed_sources, source);
                       });
  return denied && allowed;
}

}  // namespace

bool AccountsWithin(const AccountRule& was, const AccountRule& is) {
  if (!was.limited) return true;
  if (!is.limited || (is.non_root && !was.non_root)) return false;
  const auto id_within = [&was](const IdRange& range) {
    if (was.non_root && range.first > 0) return true;
    return std::ranges::any_of(was.ids, [&](const IdRange& outer) {
      return outer.first <= range.first && range.last <= outer.last;
    });
  };
  const auto name_within = [&was](const std::string& name) {
    return (was.non_root && name != "root") ||
           std::ranges::find(was.names, name) != was.names.end();
  };
  return std::ranges::all_of(is.ids, id_within) && std::ranges::all_of(is.names, name_within);
}

void CheckRun(const JsonValue& run, Problems& problems) {
  if (!run) return;
  if (run.size() == 0) {
    problems.At(run, "\"run\" restricts nothing", "leave it out, or add a control");
  }
  CheckAccounts(run.Find("users"), problems);
  CheckAccounts(run.Find("groups"), problems);
  CheckSyscalls(run.Find("syscalls"), problems);
  CheckMounts(run.Find("mounts"), problems);
  CheckPrivileged(run, problems);
}

std::string RunLaxerWays(const JsonValue& was_run, const JsonValue& is_run) {
  const RunRule was = ReadRunRule(was_run);
  const RunRule is = ReadRunRule(is_run);
  std::string ways;
  const auto add = [&ways](bool laxer, const char* way) {
    if (laxer) ways.append(ways.empty() ? "" : ", ").append("run allows more ").append(way);
  };
  add(!AccountsWithin(was.users, is.users), "users");
  add(!AccountsWithin(was.groups, is.groups), "groups");
  add(!was.privileged_allowed && is.privileged_allowed, "(privileged)");
  add(!Within(was.capabilities, is.capabilities), "capabilities");
  add(was.no_new_privileges && !is.no_new_privileges, "(new privileges)");
  add(!Within(was.host_namespaces, is.host_namespaces), "host namespaces");
  add(!MountsWithin(was, is), "mounts");
  add(!DevicesWithin(was, is), "devices");
  add(was.read_only_root && !is.read_only_root, "(a writable root)");
  add(was.pivot_root && !is.pivot_root, "(no pivot_root)");
  add(!was.preserve_fds && is.preserve_fds, "(a caller's open files)");
  add((was.limits & ~is.limits) != 0, "(no limits)");
  add(!std::ranges::includes(is.denied_syscalls, was.denied_syscalls), "system calls");
  add(!was.unconfined_allowed && is.unconfined_allowed, "(no seccomp profile)");
  return ways;
}

}  // namespace runward
