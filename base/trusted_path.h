#pragma once

#include <string>

#include "base/result.h"

namespace runward {

// The path with symlinks and ".." resolved, when nobody but root (or the caller) could make it
// name something else: what it names and every directory above belong to root or the caller and
// are writable by nobody else. A sticky directory such as /tmp may lie above, because only its
// owner can rename or remove an entry there. For what exists already and is only read: bundles,
// the real runtime, process.json.
Result<std::string> ResolveTrusted(const std::string& path);

// As above without looking at what `path` itself names: only at the directories above it (a root
// filesystem belongs to whoever the image says).
Result<std::string> ResolveUnderTrusted(const std::string& path);

// realpath(3): absolute, symlinks resolved; an Error when it does not exist.
Result<std::string> Resolve(const std::string& path);

}  // namespace runward
