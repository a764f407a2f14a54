#pragma once

#include <string_view>

namespace runward {

// Whether `name` fits `pattern`: '*' is any run of characters, '/' included, all else is itself.
// Linear in the product of the lengths, whatever the pattern.
bool GlobMatch(std::string_view pattern, std::string_view name);

// Whether every name that fits `inner` also fits `outer` (both patterns). Exact for patterns whose
// only wildcard is a trailing '*'; otherwise it may say false where true would be right.
bool GlobCovers(std::string_view outer, std::string_view inner);

// The same for absolute paths: '*' stays within one component and no component is empty, so that a
// listed directory says nothing about what lies further down, nor about "/" itself.
bool PathGlobMatch(std::string_view pattern, std::string_view path);
bool PathGlobCovers(std::string_view outer, std::string_view inner);

}  // namespace runward
