#pragma once

#include "base/json.h"
#include "base/result.h"
#include "scan/report.h"

namespace runward {

// What a report quotes of the image's configuration (image-spec config.md): user, labels and layers
// go into the report. An error when its layers are others than the report already names.
Result<void> ReadImageConfig(JsonValue config, Report& report);

}  // namespace runward
