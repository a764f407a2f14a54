#pragma once

#include <functional>
#include <optional>
#include <string>

namespace runward {

// What a place is a symlink to; nullopt for what is none. The place is a path without links.
using LinkAt = std::function<std::optional<std::string>(const std::string&)>;

// The absolute path with its links followed as `link` has them, those that lead out of the root
// staying there; "" for the root. nullopt after as many as the kernel's forty.
std::optional<std::string> WithoutLinks(const std::string& path, const LinkAt& link);

}  // namespace runward
