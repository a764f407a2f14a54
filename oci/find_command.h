#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// What a process that is started with these arguments and this environment would execute, looked
// up beneath `rootfs` (openat2 with RESOLVE_IN_ROOT), symlinks resolved: the path in the container,
// or "" when the root filesystem has none there (it may lie on a mount).
std::string FindCommand(const std::string& rootfs, const std::vector<std::string>& args,
                        const std::vector<std::string>& env, std::string_view directory);

// The same, where `resolve` says to which file a path leads; "" when to none.
std::string FindCommand(const std::vector<std::string>& args, const std::vector<std::string>& env,
                        std::string_view directory,
                        const std::function<std::string(const std::string&)>& resolve);

// The path in the container that `path` leads to; "" when it leads nowhere.
std::string ResolveBeneath(const std::string& rootfs, const std::string& path);

}  // namespace runward
