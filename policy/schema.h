#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace runward {

// The policy file as data: the one table behind the reader, its hints, `runwardctl policy schema`
// and docs/policy.schema.json.

enum class Shape : uint8_t {
  kAccount,  // a user or group: policy/words.h, as all of "a word"
  kBool,
  kCapability,  // a word
  kChoice,      // one of `choices`
  kCommand,     // a word
  kDevice,      // a word
  kDigest,      // "sha256:" and 64 lower-case hex digits
  kDuration,    // "36h"; more than nothing
  kFile,        // a file's name, relative to the policy's directory
  kGlob,        // a name in which '*' is any run of characters
  kHostPath,    // a word
  kInteger,     // from `min` to `max`
  kMoment,      // RFC 3339, or a date
  kMountRule,   // a word
  kName,        // a name for people and logs: letters, digits, and "._-", at most 64
  kObject,      // with the keys of `object`
  kPath,        // absolute, without "." and "..", nor "/" at the end; '*' within a component
  kShare,       // a number from 0 to 1
  kSyscall,     // a word
  kText,
};

enum class Count : uint8_t { kOne, kAny, kSome };  // the value itself; an array; one with members

struct ObjectSpec;

struct KeySpec {
  std::string_view name;
  Shape shape = Shape::kText;
  Count count = Count::kOne;
  bool required = false;
  std::string_view help;
  std::string_view fallback;  // the default, as JSON; "" when there is none
  std::span<const std::string_view> choices = {};
  int64_t min = 0;
  int64_t max = 0;
  const ObjectSpec* object = nullptr;
};

struct ObjectSpec {
  std::string_view name;  // "profile": what messages call it
  std::string_view help;
  std::span<const KeySpec> keys;  // sorted by name
};

const ObjectSpec& PolicySchema();

// The key of exactly that name, or null.
const KeySpec* FindKey(const ObjectSpec& object, std::string_view name);

}  // namespace runward
