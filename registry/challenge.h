#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace runward {

// What a registry demands with 401 (RFC 9110, 11.6.1): a scheme and its parameters.
struct Challenge {
  std::string scheme;                         // in lower case: "bearer", "basic"
  std::map<std::string, std::string> values;  // names in lower case: "realm", "service", "scope"

  [[nodiscard]] std::string Value(std::string_view name) const;
};

// One WWW-Authenticate header with one challenge; nullopt when it is not well-formed.
std::optional<Challenge> ParseChallenge(std::string_view header);

}  // namespace runward
