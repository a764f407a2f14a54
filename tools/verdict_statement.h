#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/names.h"
#include "policy/verdict.h"
#include "tools/signing_key.h"

namespace runward {

// A subject of a statement; its name is for people.
struct Subject {
  std::string name;
  Digest digest;
};

// Something that a verdict rests on, named by its hash: "report:trivy.json".
struct VerdictInput {
  std::string uri;
  std::string sha256;  // hex
};

// What `verdict sign` and `verdict evaluate` state.
struct NewVerdict {
  VerdictResult result = VerdictResult::kPassed;  // kPassed, kWarned or kFailed
  std::string resource_uri;
  std::string verifier;
  Time time_verified;
  std::optional<Time> expires_at;
  std::vector<Subject> subjects;
  std::vector<Digest> diff_ids;
  std::vector<std::string> reasons;   // of the result
  std::vector<std::string> warnings;  // of a FAILED one, besides
  std::string policy_uri = "https://runward.dev/policy/by-hand";
  std::string policy_sha256;  // hex; may be empty
  std::vector<VerdictInput> inputs;
  std::string scan;  // the extension's "scan", a JSON object; may be empty
};

struct NewRevocation {
  Time time_revoked;
  std::string reason;
  std::vector<Subject> subjects;
  std::vector<std::string> payloads;  // SHA-256, hex; empty: all up to time_revoked
};

// The statement's bytes (docs/formats.md).
std::string FormatStatement(const NewVerdict& verdict);
std::string FormatStatement(const NewRevocation& revocation);

// The signed envelope as one line, without its newline.
std::string SignStatement(const SigningKey& key, std::string statement);

}  // namespace runward
