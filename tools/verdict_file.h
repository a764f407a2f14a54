#pragma once

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "policy/policy.h"
#include "policy/verdict.h"

namespace runward {

// An accepted envelope, and the one line under which it is stored.
struct NewEnvelope {
  std::string line;
  CheckedEnvelope checked;
};

// The envelopes of `text`, each in our signer's form: payload and signatures byte for byte, what a
// bundle has besides (certificates, log entries) left out. An envelope that `trust` does not accept
// keeps its reason in `checked`; its line is empty when it cannot be read.
std::vector<NewEnvelope> ReadNewEnvelopes(std::string_view text,
                                          const std::vector<TrustedKey>& trust);

// How many verdicts that a newer one of the same key and name has replaced are kept in a file. They
// decide nothing; each costs a start one check of a signature.
inline constexpr size_t kKeptSuperseded = 4;

// `existing` with `line` appended, unless it is there; superseded verdicts beyond kKeptSuperseded,
// and as many more as kMaxVerdictFile demands, are dropped, oldest first. Fails when what has to
// stay does not fit.
Result<std::string> MergeVerdicts(const std::string& existing, const std::string& line,
                                  const std::vector<TrustedKey>& trust);

// Adds accepted envelopes under every digest that they speak of: all of them or, on failure, none.
// Waits for another process that does the same. Returns the files that changed.
Result<std::vector<std::string>> AddToStore(const Paths& paths,
                                            const std::vector<TrustedKey>& trust,
                                            const std::vector<NewEnvelope>& envelopes);

// Checks an envelope that was signed here as a node would, and adds it. An Error says what the
// policy lacks; nothing is added then.
Result<void> AddSigned(const Paths& paths, const std::vector<TrustedKey>& trust,
                       std::string_view envelope);

}  // namespace runward
