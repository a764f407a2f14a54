#pragma once

#include <string>
#include <string_view>

namespace runward::fixtures {

// The bytes of hex digits that a test itself writes, in pairs.
inline std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace runward::fixtures
