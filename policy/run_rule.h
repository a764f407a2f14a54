#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "policy/capabilities.h"

namespace runward {

// A profile's "run" section: what a container may be. What the section does not mention is not
// restricted.

struct IdRange {
  uint32_t first = 0;
  uint32_t last = 0;
};

// Users or groups: whatever fits one of the elements may be.
struct AccountRule {
  bool limited = false;
  bool non_root = false;  // anyone but 0
  std::vector<IdRange> ids;
  std::vector<std::string> names;  // of the image's own passwd or group file
};

// Namespaces of the host that "hostNamespaces" governs; bit i stands for name i.
inline constexpr std::string_view kGovernedNamespaces[] = {"ipc", "mount", "network", "pid", "uts"};

// Limits that "limits" may ask for; bit i stands for name i.
inline constexpr std::string_view kLimitNames[] = {"cpu", "memory", "pids"};

struct RunRule {
  AccountRule users;
  AccountRule groups;
  bool privileged_allowed = true;
  std::optional<CapabilityMask> capabilities;  // those that may be had
  bool no_new_privileges = false;              // required
  std::optional<unsigned> host_namespaces;     // those that may be shared
  std::vector<std::string> denied_sources;     // absolute paths and "@groups" of mount_groups.h
  std::vector<std::string> allowed_sources;    // absolute paths
  std::optional<std::vector<std::string>> devices;  // patterns of host names: "/dev/nvidia*"
  bool read_only_root = false;                      // required
  bool pivot_root = false;                          // required
  bool preserve_fds = true;                         // whether a caller's open files may be had
  unsigned limits = 0;                              // required
  std::vector<std::string> denied_syscalls;         // names; groups are expanded; sorted
  bool unconfined_allowed = true;                   // without a seccomp profile of the engine's
};

// Of a section that Validate and CheckRun found good; all defaults for an absent one.
RunRule ReadRunRule(JsonValue run);

// A list of accounts, of an element that is there.
AccountRule ReadAccounts(JsonValue list);

// One account as the policy writes it: "non-root", "1000", "1000-1999" or a name.
std::optional<IdRange> ParseIdRange(std::string_view text);
bool IsAccountName(std::string_view text);

bool Permits(const AccountRule& rule, uint32_t id);
// As a policy writes them.
std::vector<std::string> AccountWords(const AccountRule& rule);
// "non-root, 1000-1999, app"
std::string DescribeAccounts(const AccountRule& rule);

// Names for the bits of `mask`, "ipc, pid"; "none".
std::string DescribeNames(unsigned mask, const std::string_view* names, size_t count);

}  // namespace runward
