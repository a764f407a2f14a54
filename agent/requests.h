#pragma once

#include <functional>
#include <string>

#include "agent/enforcer.h"

namespace runward {

// The answer to one request of a client (docs/commands.md has both). `taken` is called with each
// container that has been taken in.
std::string AnswerRequest(Enforcer& enforcer, const std::string& request,
                          const std::function<void(const Watched&)>& taken);

}  // namespace runward
