#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/paths.h"
#include "base/result.h"
#include "policy/policy.h"
#include "policy/verdict.h"
#include "tools/scan_inputs.h"
#include "tools/verdict_statement.h"

namespace runward {

// A verdict of this node's store whose signature counts here.
struct StoredVerdict {
  CheckedEnvelope checked;
  std::string payload;
};

// All that a trusted key signed, revocations among them, each once.
Result<std::vector<StoredVerdict>> ReadStoredVerdicts(const Paths& paths,
                                                      const std::vector<TrustedKey>& trust);

// What stands in for the verdicts of one name about one image: the newest.
struct RefreshCandidate {
  const StoredVerdict* verdict = nullptr;
  std::string obstacle;  // why a new verdict must not take its place; "" when it may
};

// The newest verdicts, by name. A new verdict would lift what is older, so none is made where a
// revocation, or a newer FAILED of another name, denies the image: that is for a person to lift.
std::vector<RefreshCandidate> RefreshCandidates(const std::vector<StoredVerdict>& stored, Time now);

// Files that stand in for those of the same name then, understood once for all verdicts.
struct GivenInputs {
  std::vector<VerdictInput> named;
  std::vector<Exception> exceptions;
  ScanClaims claims;  // `exploited` alone, where one of them is a list of those
};

// What the reports are evaluated by now.
struct RefreshTerms {
  const Paths& paths;
  const Policy& policy;
  const GivenInputs& given;
  std::string verifier;            // "": as it was
  std::optional<Time> expires_at;  // absent: as it was
  Time now;
};

// One verdict, and what it would be now.
struct Refreshed {
  enum class State { kUnchanged, kChanged, kLeft, kError };
  State state = State::kLeft;
  std::string why;                 // of kLeft
  Error error;                     // of kError
  std::vector<std::string> notes;  // what was missing: makes the answer stricter, never laxer
  Verdict before;
  std::string key;             // that signed it
  std::string payload_sha256;  // of what it was
  std::optional<Verdict> after;
  std::string statement;  // to be signed: of kChanged and kUnchanged
};

// Evaluates the candidate's stored report again. Never fails: the reason is in the result.
Refreshed Refresh(const RefreshCandidate& candidate, const RefreshTerms& terms);

}  // namespace runward
