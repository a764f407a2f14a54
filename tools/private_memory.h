#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace runward {

// Runs `work` in a process with a mount namespace of its own, in which `directory` (which must
// exist) is an empty ramfs: never swapped, seen by no other process, gone with the last process in
// it however that ends. What is written there must have left by the pipe whose end `work` gets;
// `read` is called in this process with the other end. Needs root's rights.
using PrivateWork = std::function<Result<void>(const std::string& directory, int out)>;
using PrivateRead = std::function<Result<void>(int in)>;
Result<void> WithPrivateMemory(const std::string& directory, const PrivateWork& work,
                               const PrivateRead& read);

}  // namespace runward
