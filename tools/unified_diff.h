#pragma once

#include <string>
#include <string_view>

namespace runward {

// The difference of two texts as diff -u writes it, three lines of context; "" when there is none.
// `from` and `to` name the sides. Large texts that differ much are shown as replaced whole.
std::string UnifiedDiff(std::string_view before, std::string_view after, const std::string& from,
                        const std::string& to);

}  // namespace runward
