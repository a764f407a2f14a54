#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/paths.h"
#include "base/result.h"
#include "policy/trust.h"
#include "tools/signing_key.h"

namespace runward {

// A signed word on how far the event log went at a time. docs/events.md has the bytes.
struct Checkpoint {
  int64_t number = 0;  // from 1, without gaps
  int64_t seq = 0;     // of the log's last record; 0: there was none
  std::string head;    // SHA-256 (hex) of that record's line
  Time time;
  std::string hostname;
  std::string boot_id;
  std::string prev;  // SHA-256 (hex) of the checkpoint's line before it
};

inline constexpr size_t kMaxCheckpointBytes = 2048;

struct CheckpointPaths {
  std::string private_key;  // beside the policy
  std::string public_key;
  std::string log;  // beside the events
};
CheckpointPaths CheckpointPathsFor(const Paths& paths);

// A checkpoint's line, without a newline.
std::string SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key);

// Checks the signature over the line's exact bytes, then reads them.
Result<Checkpoint> ReadCheckpoint(std::string_view line, const PublicKey& key);

// "checkpoint 12 of 2026-11-22T10:00:00.000Z"
std::string CheckpointLabel(const Checkpoint& checkpoint);

}  // namespace runward
