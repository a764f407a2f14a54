#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/event.h"
#include "base/event_log.h"
#include "base/paths.h"
#include "base/result.h"
#include "oci/hook_entry.h"

namespace runward {

// A start that no runward has looked at, as its engine calls the real runtime itself, and this hook
// by a file in its hooks.d (oci-hooks(5)).
struct HookedStart {
  pid_t pid = 0;  // the container's first process
  std::string id;
  std::string bundle;
};

struct OwnDecision {
  Event event;  // to be logged; its action says what was decided
  EventLogOptions log;
  bool required = false;  // what cannot be logged does not start
  std::string key;        // of the record; "" where none is needed
  bool installs = false;  // network rules, which the record has
  std::optional<PeerTask> peer;
  bool audit = false;
};

// Decides by the policy, the verdicts and the image that is mounted, as runward does; by no
// annotation and no label. A hook cannot change the configuration any more: where the profile
// enforces, a container with NET_ADMIN or NET_RAW is refused that would have had them withheld, and
// so is one whose profile has `run`, `commands` or `secrets`. An Error where it cannot be decided.
Result<OwnDecision> DecideHere(const Paths& paths, const HookedStart& start);

}  // namespace runward
