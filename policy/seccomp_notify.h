#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "policy/seccomp_compose.h"

namespace runward {

// Who is asked about calls that a seccomp profile notifies (runtime-spec config-linux.md,
// "Seccomp"): the socket that a runtime hands the listener to, and what it says with it.
struct SeccompListener {
  std::string path;
  std::string metadata;
};

// linux.seccomp in which execve and execveat are notified to `listener` where the given profile
// allows them. What it denies stays denied, by the same action and under the same conditions, and
// all else stays as it is. An absent profile gives one that notifies these two and allows the rest.
// A profile that an earlier start of the same bundle made so counts as what it was made of.
//
// Fails where that cannot be had: a profile that notifies or traces calls itself (a process has one
// listener), or that names these calls in rules which a runtime's library does not join.
Result<std::string> NotifyExecs(JsonValue seccomp, const SeccompListener& listener,
                                Processor processor);

// The profile without what NotifyExecs made for a listener at that path; "" when there is nothing.
std::string WithoutNotifiedExecs(JsonValue seccomp, std::string_view path);

}  // namespace runward
