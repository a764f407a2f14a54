#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret_reference.h"
#include "vault/record.h"

namespace runward {

enum class VersionState : uint8_t {
  kLive = 0,
  kRemoved = 1,    // can be restored
  kDestroyed = 2,  // its value is gone
};

struct EntryVersion {
  uint32_t version = 0;
  Time created;
  std::optional<Time> not_after;  // from then on it is not given out
  VersionState state = VersionState::kLive;
  RecordRef value;  // none when destroyed
};

// What the index says of a name. Values lie apart, so that looking costs none.
struct Entry {
  static constexpr size_t kMaxVersions = 64;
  static constexpr size_t kMaxLabels = 16;
  static constexpr size_t kMaxLabelKey = 63;
  static constexpr size_t kMaxLabelText = 255;

  EntryName name;
  std::map<std::string, std::string> labels;
  std::vector<EntryVersion> versions;  // by number; the oldest go when there are too many
  uint32_t last_version = 0;           // numbers are never used twice

  // The one of that number; of 0 the newest that is live, or the newest when none is.
  [[nodiscard]] const EntryVersion* Find(uint32_t version) const;

  void Write(ByteWriter& to) const;
  static Result<Entry> Read(ByteReader& from);
};

// Whether a label may be attached: its key a name part, its text printable and short.
Result<void> CheckLabel(const std::string& key, const std::string& text);

}  // namespace runward
