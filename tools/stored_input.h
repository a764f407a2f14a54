#pragma once

#include <string>
#include <string_view>

#include "base/paths.h"
#include "base/result.h"

namespace runward {

// What verdicts rest on (reports, VEX documents, ignore files) beside them: DIR/reports/<sha256>.
// It decides nothing at a start; `verdict refresh` evaluates it again, and takes only bytes whose
// hash a signed verdict names.
std::string StoredInputFile(const Paths& paths, std::string_view sha256);

Result<void> StoreInput(const Paths& paths, std::string_view text);

// The bytes of that hash; an error when they are not there, or others.
Result<std::string> ReadStoredInput(const Paths& paths, std::string_view sha256);

}  // namespace runward
