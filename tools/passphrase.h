#pragma once

#include <string>

#include "base/result.h"

namespace runward {

// A passphrase: the environment variable's, also an empty one; or what is typed at the terminal,
// which shows "prompt: " and not the answer. Standard input is never read: it may be the data. The
// caller wipes it.
Result<std::string> AskPassphrase(const char* variable, const std::string& prompt);

}  // namespace runward
