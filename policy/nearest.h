#pragma once

#include <span>
#include <string_view>

namespace runward {

// The name among `known` that was most likely meant by `name`: case apart, it differs by at most a
// third of its letters (insertions, deletions, changes, swapped neighbours). "" when none is near.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> known);

}  // namespace runward
