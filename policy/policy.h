#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "policy/names.h"
#include "policy/trust.h"

namespace runward {

enum class Mode { kAudit, kEnforce };
enum class Lapse { kDeny, kWarn, kGrace };  // what happens to a verdict that has expired

// What a profile governs. All lists empty: everything.
struct Match {
  std::vector<std::string_view> images;  // globs over a name that a trusted verdict signs; in a
                                         // profile in audit mode also over the unsigned name
  std::vector<Digest> chains;            // exact chain IDs (a pause image, an unnamed base)
  std::vector<Digest> base_chains;       // chain IDs that an engine's build layers may stand on
  std::vector<std::string_view> rootfs;  // absolute paths of bundles' root filesystems, '*' within
                                         // a component
  [[nodiscard]] bool Everything() const {
    return images.empty() && chains.empty() && base_chains.empty() && rootfs.empty();
  }
};

struct VerdictRule {
  bool required = true;
  int64_t max_age_ns = 0;        // 0: no limit
  bool warn_allowed = true;      // whether a WARN verdict may start
  Lapse expired = Lapse::kDeny;  // for expiresAt and maxAge alike
  int64_t grace_ns = 0;          // with kGrace: how long after expiry it still starts
  bool stop_lapsed = false;      // a running container that would not start any more is stopped,
  int64_t stop_grace_ns = 0;     // this long after that was noticed
};

struct Profile {
  std::string_view name;
  Match match;
  Mode mode = Mode::kEnforce;
  VerdictRule verdict;
  bool restore_allowed = false;  // a checkpoint's memory is not in the image; see docs/policy.md
  JsonValue run;                 // the section, checked; absent: none (policy/run_rule.h reads it)
  JsonValue commands;            // the same (policy/command_rule.h reads it)
  JsonValue network;             // the same (policy/network_rule.h reads it)
  JsonValue secrets;             // the same (policy/secret_rule.h reads it)
  JsonValue image;               // the same (policy/image_rule.h); for evaluations, not for starts
  JsonPosition position;
};

struct EventRule {
  bool required = true;  // enforce: no record, no start
  bool fdatasync = false;
  int64_t rotate_bytes = int64_t{64} << 20;
  int64_t keep = 16;  // rotated files
};

// A policy file, read and checked. Views point into the document it owns.
struct Policy {
  std::vector<TrustedKey> trust;
  std::vector<Profile> profiles;
  bool allow_unmatched = false;
  bool unrecorded_allowed = false;  // exec, update, checkpoint in a container without a record
  bool rootless_allowed = false;    // engines of users; see base/rootless.h
  EventRule events;
  JsonValue address_groups;  // checked; policy/network_rule.h
  std::string digest;        // SHA-256 of the file's bytes, hex
  std::unique_ptr<JsonDocument> document;
};

inline constexpr size_t kMaxPolicyBytes = size_t{4} << 20;

// A public key file as named in `trust`, relative names being relative to the policy's directory.
class KeySource {
 public:
  virtual ~KeySource() = default;
  virtual Result<std::string> ReadKey(std::string_view name) = 0;  // PEM text
};

// Everything that is wrong with the text, each with line, column, the key, and the nearest known
// one where a key is unknown. Never more than 20.
struct PolicyProblem {
  JsonPosition position;
  std::string message;
  std::string hint;
};

// A text, and what an earlier ParsePolicy without a problem found out about it: its digest, and its
// document's parsed form (JsonDocument::Compiled, in this build). `owner` keeps the views alive.
struct KnownPolicy {
  std::string_view text;
  std::string_view compiled;
  std::string digest;
  std::shared_ptr<const void> owner;
};
// ParsePolicy of a text that is known to be good: keys are read anew, the text's rules are not
// checked again, and profiles do not know their positions.
Result<Policy> ReadKnownPolicy(KnownPolicy known, std::string_view file, KeySource& keys);

// The policy, or its first problem as an Error ("policy.json:3:7: ..."). `file` is for messages.
Result<Policy> ParsePolicy(std::string text, std::string_view file, KeySource& keys);
// All problems, those among profiles (a later one laxer than an earlier one) included.
std::vector<PolicyProblem> CheckPolicy(const std::string& text, KeySource& keys);

}  // namespace runward
