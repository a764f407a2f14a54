#pragma once

#include <string>

#include "base/result.h"
#include "scan/report.h"

namespace runward {

// Whether a report is on the image that somebody named and no store of this machine has: it must
// say so itself, by the name as engines complete it (busybox is docker.io/library/busybox:latest),
// the digest behind its '@', or an id or the start of one. An Error that says what to do when it
// does not.
Result<void> CheckReported(const std::string& image, const Report& report);

// Whether it is an id, or the start of one, and no name.
bool IsImageId(const std::string& image);

}  // namespace runward
