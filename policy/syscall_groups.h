#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace runward {

// System calls that belong together, under a name beginning with '@'.
struct SyscallGroup {
  std::string_view name;
  std::string_view help;                    // one sentence for a person
  std::span<const std::string_view> names;  // sorted, each known (policy/syscall_names.h)
};

std::span<const SyscallGroup> SyscallGroups();                // sorted by name
const SyscallGroup* FindSyscallGroup(std::string_view name);  // null when there is none

// Whether no container could start without the call, so that a policy may not deny it.
bool IsNeededSyscall(std::string_view name);

// A call of 32-bit programs that makes others: where a profile allows it in whole, it allows its
// parts by it.
struct Multiplexer {
  std::string_view name;
  std::span<const std::string_view> parts;  // sorted
};
std::span<const Multiplexer> Multiplexers();

// Groups, and multiplexers, replaced by their members (the latter
// themselves included); sorted, each once. Views point into `words` and the tables.
std::vector<std::string_view> ExpandSyscalls(std::span<const std::string_view> words);

}  // namespace runward
