#pragma once

#include <string>

#include "base/result.h"
#include "vault/locked_bytes.h"

namespace runward {

// A line typed at the terminal (/dev/tty, so that standard input may be something else), without an
// echo, into locked memory. Fails where there is no terminal.
Result<LockedBytes> AskSecret(const std::string& prompt);

// As AskSecret, twice, until both agree; at most three times. Refuses what is shorter than 8 bytes.
Result<LockedBytes> AskNewPassphrase(const std::string& what);

}  // namespace runward
