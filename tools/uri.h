#pragma once

#include <string>
#include <string_view>

namespace runward {

// A URI reference (RFC 3986) of one path: everything but unreserved characters and '/' escaped, so
// that "web:1" does not read as a scheme; without '/' in front. `fallback` for an empty one.
std::string UriPathOf(std::string_view path, std::string_view fallback);

// A URI with everything escaped that may not stand in one; what is a URI stays as it is.
std::string UriOf(std::string_view uri);

}  // namespace runward
