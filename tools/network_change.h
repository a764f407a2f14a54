#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

// What of a container's network rules is another in the second text than in the first, both as
// records have them (oci/network_record.h; "": none), a line each: `- egress.allow {"to":...}`.
// Groups of addresses that no rule names do not count. Lines are cut where they are long.
Result<std::vector<std::string>> NetworkChanges(const std::string& before,
                                                const std::string& after);

}  // namespace runward
