#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/decide.h"
#include "policy/host_view.h"

namespace runward {

// What a start was decided by, so that another policy can be asked about it when the container is
// gone. Kept beside the log, DIR/configurations.jsonl, a line each; docs/events.md has the format.
struct RecordedStart {
  std::string event;    // the id of the event that logged the start
  std::string bundle;   // absolute
  std::string exposed;  // who but root could have changed config.json; "" for nobody
  std::string rootfs;   // resolved; "" when it could not be
  ImageEvidence image;
  // Of HostView what depends on the container alone: a rule's places can be looked at later.
  std::vector<SourceView> sources;
  std::vector<std::string> host_namespaces;
  std::string config;  // RecordableConfig()
};

inline constexpr size_t kMaxRecordedStart = size_t{1} << 20;  // bytes of a line

// One line, its newline included.
std::string FormatRecordedStart(const RecordedStart& start);
Result<RecordedStart> ParseRecordedStart(std::string line);

}  // namespace runward
