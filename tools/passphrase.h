#pragma once

#include <string>

#include "base/result.h"
#include "vault/locked_bytes.h"

namespace runward {

// A passphrase: the environment variable's, also an empty one; or what is typed at the terminal
// (tools/typed_secret.h). Standard input is never read: it may be the data.
Result<LockedBytes> AskPassphrase(const char* variable, const std::string& prompt);

}  // namespace runward
