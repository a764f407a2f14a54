#pragma once

#include <string>
#include <vector>

#include "base/event_chain.h"
#include "base/result.h"
#include "policy/trust.h"
#include "tools/checkpoint.h"

namespace runward {

// The checkpoints of a log, oldest first, and what is wrong with their file: a line that the key
// did not sign, a number left out, a link or a count of records that goes backwards.
struct CheckpointLog {
  std::vector<Checkpoint> checkpoints;  // those whose signature holds
  std::vector<ChainProblem> problems;
  std::vector<std::string> notes;  // worth saying, and nobody's crime: a clock set back
  std::string last_line;
};

// A file that is not there holds no checkpoints.
Result<CheckpointLog> ReadCheckpoints(const std::string& path, const PublicKey& key);

// What they say of the event log, for ChainVerifier.
std::vector<ExpectedHead> ExpectedHeads(const std::vector<Checkpoint>& checkpoints);

inline constexpr size_t kMaxCheckpointFileBytes = size_t{16} << 20;

// The file, open for the one who adds to it.
class CheckpointFile {
 public:
  // Opens and locks the file, making it (0600) when missing; waits for no lock: two signers at once
  // are a mistake.
  static Result<CheckpointFile> Open(const std::string& path);
  // Adds a line and syncs it. An unfinished line before it (a signer that died) is cut off: it
  // never counted. In a file past half of its limit the older half is dropped first.
  [[nodiscard]] Result<void> Append(const std::string& line) const;

 private:
  CheckpointFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_;
  std::string path_;
};

}  // namespace runward
