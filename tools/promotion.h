#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// What the event log says of a profile in audit mode over the last `quiet_ns`.
struct QuietQuestion {
  std::string profile;
  std::string policy_sha256;  // of the policy file as it is now
  int64_t quiet_ns = 0;
  Time now;
  bool even_if_unused = false;
  bool any_policy = false;  // decisions under another policy file count as well
};

struct QuietAnswer {
  std::string refusal;              // "": it was quiet, and the log can tell
  std::string hint;                 // what to do about a refusal
  std::vector<std::string> events;  // the first would-denies, a line each; made safe to show
  int64_t would_denies = 0;         // in the time asked about
  int64_t decisions = 0;            // the profile's, in that time
};

// Reads the log, its chain and its checkpoints (which it has when they are signed regularly) and
// answers. An Error when it cannot be read. What it cannot see: a start in audit mode whose record
// could not be written, and what root on the host removed after the last checkpoint.
Result<QuietAnswer> AskQuiet(const Paths& paths, const QuietQuestion& question);

// The policy's text with the profile in enforce mode: the bytes of its mode's value are replaced,
// and not one elsewhere. An Error when there is no such profile or it is not in audit mode. `text`
// must be a good policy.
Result<std::string> PromotedPolicy(const std::string& text, std::string_view profile);

}  // namespace runward
