#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runward {

// A name given by a user, for a sentence: in double quotes, at most 128 bytes, and every byte that
// is not printable ASCII (a space included) shown as '?', so that a name can neither forge a line
// of a log nor words of ours.
std::string Quoted(std::string_view name);

// Text from outside as part of a sentence: control characters and non-ASCII bytes become '?', at
// most `max` bytes. Phrases that engines take for their own errors and map to another exit code
// ("no such file", ...; facts in docs/refusals.md) lose their spaces.
std::string Tame(std::string_view text, size_t max = 200);

}  // namespace runward
