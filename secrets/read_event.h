#pragma once

#include <string>

#include "base/event.h"
#include "base/result.h"
#include "oci/record.h"

namespace runward {

// One read of a secret for a container, as it is logged: who receives which version. Neither the
// value nor how long it is.
Event SecretReadEvent(const Record& record, const std::string& secret);
// One that failed.
Event SecretFailedEvent(const Record& record, const std::string& secret, const Error& error);

}  // namespace runward
