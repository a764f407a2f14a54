#pragma once

#include <string>

#include "base/paths.h"
#include "base/result.h"
#include "oci/load.h"
#include "policy/names.h"

namespace runward {

inline constexpr size_t kMaxVerdictFile = size_t{1} << 20;

// Where the envelopes about a digest lie: DIR/sha256/<hex>.intoto.jsonl, an envelope a line. A
// start looks up the digests of its image and lists no directory, so that the number of verdicts
// in the store costs nothing.
std::string VerdictFile(const Paths& paths, const Digest& digest);

// The file's content, "" when there is none. It, and every directory above it, must be root's or
// the caller's: an envelope proves itself, but whoever may write here could take away a revocation.
Result<std::string> ReadVerdictFile(const Paths& paths, const Digest& digest);

}  // namespace runward
