#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/names.h"
#include "policy/policy.h"
#include "policy/verdict.h"

namespace runward {

// What is known about the image that is really mounted. Filled by oci/image.
struct ImageEvidence {
  std::string store;             // "docker-overlay2", "containerd-overlayfs",
                                 // "containers-overlay", or "" for none
  std::optional<Digest> chain;   // of all layers; absent: no identity, and `why` says why
  std::vector<Digest> prefixes;  // chain IDs from the lowest layer up; the last is `chain`
  std::vector<Digest> configs;   // image configs that stand behind the chain
  bool config_certain = false;   // configs has one element, and the engine's own record says so
                                 // or the store holds no other
  std::string unsigned_name;     // what the engine or the user calls it; chooses nothing
  std::string rootfs;            // absolute, symlinks resolved
  std::string why;               // why there is no identity
};

// Envelopes found for one digest of the evidence (the chain, a base chain, a config).
struct FoundEnvelopes {
  Digest digest;
  std::vector<CheckedEnvelope> envelopes;
};

enum class Outcome { kAllow, kWouldDeny, kDeny };

// The decision about one container, as it goes into the event and the record.
struct Decision {
  Outcome outcome = Outcome::kDeny;
  std::string rule;     // "verdict.passed", "verdict.missing", "image.unidentified", ...
  std::string reason;   // one sentence for a person
  std::string hint;     // the command or step that helps; may be empty
  std::string profile;  // "" when none governs
  Mode mode = Mode::kEnforce;
  std::string image;                  // the signed name when there is one, else the unsigned
  bool image_signed = false;          // whether it is one
  std::vector<std::string> warnings;  // allowed, but worth saying: warned, expired within grace
  std::string verdict_sha256;         // payload of the verdict that decided, hex; may be empty
  std::string key;                    // name of the key that signed it
  // Whether the profile was chosen by what a trusted key or the policy itself says of exactly this
  // image: by no unsigned name, nor a base that anyone can build upon. Only such a start is given
  // secrets.
  bool vouched_for = false;
};

enum class Start { kCreate, kRestore };

// Pure: the same input gives the same decision. docs/policy.md states the order of its steps.
Decision Decide(const Policy& policy, const ImageEvidence& image,
                const std::vector<FoundEnvelopes>& found, Start start, Time now);

// A start whose configuration somebody else could change (`exposed` says who; "" for nobody) is
// not allowed, whatever its image.
Decision WithExposure(Decision decision, const std::string& exposed);

// A start that something stands against, which has nothing to do with its image, is not allowed.
// What is refused already stays refused for its first reason.
Decision WithObstacle(Decision decision, const std::string& rule, const std::string& reason,
                      const std::string& hint);

}  // namespace runward
