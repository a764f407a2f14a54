#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oci/record.h"

namespace runward {

inline constexpr size_t kMaxRecordBytes = 4 << 20;

std::string FormatRecord(const Record& record);
// Fails on a version that this program does not know, and on unknown keys.
Result<Record> ParseRecord(std::string text, std::string_view name);

}  // namespace runward
