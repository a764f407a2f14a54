#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runward {

std::string HexEncode(std::string_view bytes);  // lower case

// RFC 4648 standard alphabet, padded.
std::string Base64Encode(std::string_view bytes);
// Standard or url-safe alphabet (not mixed), padded or not, as DSSE's envelope.md demands. White
// space, stray bits and anything else yield nullopt, so that a text decodes one way only.
std::optional<std::string> Base64Decode(std::string_view text);

// SHA-256 as raw 32 bytes / as 64 lower-case hex digits.
std::string Sha256(std::string_view bytes);
std::string Sha256Hex(std::string_view bytes);

}  // namespace runward
