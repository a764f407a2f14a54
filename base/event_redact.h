#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// What the log shows in a secret's place.
inline constexpr std::string_view kRedacted = "[redacted]";

inline constexpr size_t kMaxLoggedArgs = 32;
inline constexpr size_t kMaxLoggedArgBytes = 512;
inline constexpr size_t kMaxLoggedArgsBytes = 768;  // in all

// A process's arguments with what looks like a secret replaced: values of flags, assignments and
// headers with a telling name (--password=x, TOKEN=x, "Authorization: x"), passwords of known
// clients (mysql -px), credentials in URLs, keys of known make (AWS, GitHub, PEM, JWT), and long
// random-looking hexadecimal or base64. No more than the first kMaxLoggedArgs and the first
// kMaxLoggedArgBytes of each are looked at, and none after kMaxLoggedArgsBytes of result: a record
// could not hold them.
//
// A guess, in both directions: a short password given by position ("login bob hunter2") stays
// visible, and a caller who wants to hide a word from the log can dress it as a secret.
std::vector<std::string> RedactArgs(std::span<const std::string> args);

// The name of "NAME=value"; what has no '=' is a name, redacted when it looks random.
std::string EnvName(std::string_view entry);

// Whether a flag's, variable's or header's name says that its value is a secret; exposed for tests.
bool SecretName(std::string_view name);

}  // namespace runward
