#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runward {

// What a report calls a licence: an SPDX expression ("MIT OR GPL-2.0+ AND BSD-3-Clause", SPDX 2.3
// annex D), or whatever a package's author wrote. A word that SPDX does not know is a name too.
// Patterns: '*' is any run of characters, case does not count.

// Whether a pattern fits one licence of an expression: its name, also without "+" or "WITH …", and
// the GNU licences by their old names and by those with -only and -or-later.
bool LicenseFits(std::string_view pattern, std::string_view license);

enum class LicenseAnswer : uint8_t { kPermitted, kDenied, kNotAllowed };

// With OR one choice must be neither denied nor outside `allow`, with AND each licence. What is no
// expression ("MIT, GPL-2", "mit or gpl": a lower-case "or" may belong to a name) is permitted only
// when each licence that it may name is. A pattern without '*' that is the whole text decides
// alone.
LicenseAnswer JudgeLicense(std::string_view text, const std::vector<std::string>& deny,
                           const std::optional<std::vector<std::string>>& allow);

}  // namespace runward
