#pragma once

#include <string>

#include "policy/policy.h"
#include "policy/run_rule.h"
#include "policy/validate.h"

namespace runward {

// What no table of keys can say about a "run" section: system calls that nothing starts without,
// and keys that contradict each other or have no effect.
void CheckRun(const JsonValue& run, Problems& problems);

// Whether every account that `is` permits, `was` permits too.
bool AccountsWithin(const AccountRule& was, const AccountRule& is);

// In which ways the section `is` is laxer than `was`, for policy/laxer.h: "run allows ..."; "" when
// it is not. Paths and patterns are compared as listed, so that it may find what the host's
// symlinks would undo.
std::string RunLaxerWays(const JsonValue& was, const JsonValue& is);

}  // namespace runward
