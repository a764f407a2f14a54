#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"
#include "policy/decide.h"
#include "policy/policy.h"

namespace runward {

// A running container whose image's verdict has lapsed since it started: it has expired, it has
// become too old, a newer one FAILED, it was revoked, or its key counts no more. Started anew, it
// would be refused (or, in audit mode, that would be logged).
struct LapsedContainer {
  Record record;
  std::string key;     // of the record: RecordKey
  std::string status;  // "running", "paused" or "created", as its runtime says
  Decision decision;   // about a start now
  std::string policy;  // SHA-256 of the policy that it is by
  bool stop = false;   // as the profile says, and in enforce mode
  int64_t grace_ns = 0;
};

// What the runtime says of a container: "running", "stopped", ...; "" when it has none of that id.
using StatusOf = std::function<std::string(const Record& record)>;

// Looks at each container that has a record. One that would not start for another reason than its
// verdict is none of these, nor is one that was not allowed by a verdict in the first place and has
// not got a bad one since.
Result<std::vector<LapsedContainer>> FindLapsedContainers(const Paths& paths, const Policy& policy,
                                                          Time now, const StatusOf& status);

}  // namespace runward
