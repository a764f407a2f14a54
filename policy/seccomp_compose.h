#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace runward {

// The processors whose containers can be composed for; each with its own 32-bit programs.
enum class Processor : uint8_t { kX86, kArm64 };

struct ComposedSeccomp {
  std::string text;                      // what linux.seccomp is to be
  std::vector<std::string_view> closed;  // denied calls that the given profile lets through
};

// linux.seccomp (runtime-spec config-linux.md, "Seccomp") with `denied` taken out of it: a call is
// allowed only where the given profile allows it and it is not denied. What the profile denies
// stays denied, by the same action. An absent `seccomp` gives a profile that denies these calls and
// nothing else, for the processor's 64-bit and 32-bit programs; x32's, which no usual kernel runs,
// are then killed. All members that are not concerned stay as they are.
//
// What this does not protect: a runtime ignores names that its libseccomp does not know. Denied
// calls fail with EPERM. io_uring does files and sockets without calls for them.
//
// `denied` is sorted, as ExpandSyscalls gives it. Fails when the section is not what the
// specification says.
Result<ComposedSeccomp> ComposeSeccomp(JsonValue seccomp, std::span<const std::string> denied,
                                       Processor processor);

}  // namespace runward
