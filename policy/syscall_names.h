#pragma once

#include <span>
#include <string_view>

namespace runward {

// The names of system calls as libseccomp spells them, for x86-64, x86, x32, arm and arm64, sorted;
// and those of newer kernels that Debian 12's library does not know yet. A table of our own: the
// runtime must not pay for loading a library to look at names.
std::span<const std::string_view> SyscallNames();
bool IsSyscallName(std::string_view name);

}  // namespace runward
