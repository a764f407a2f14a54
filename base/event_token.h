#pragma once

#include <string>
#include <string_view>

namespace runward {

// `word` with credentials in it replaced by kRedacted: a URL's password, tokens by their makers'
// prefixes, JSON web tokens, and long runs that look random. Digests ("sha256:...") stay: they
// identify and open nothing.
std::string RedactTokens(std::string_view word);

// ASCII comparison without regard to case.
bool EqualFold(std::string_view a, std::string_view b);

}  // namespace runward
