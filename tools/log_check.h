#pragma once

#include <string>
#include <vector>

#include "base/event_chain.h"
#include "base/result.h"

namespace runward {

// Follows the chain through DIRECTORY's log, from the file on that holds record `from_seq`, and
// compares it with the heads.
Result<ChainVerifier> CheckLog(const std::string& directory, std::vector<ExpectedHead> heads,
                               int64_t from_seq);

// Makes the log's current bytes, and the names of its files, survive a crash.
Result<void> SyncLog(const std::string& directory);

}  // namespace runward
