#pragma once

#include <functional>
#include <memory>

#include "agent/bpf/host_shared.h"
#include "agent/flow_table.h"
#include "base/result.h"

struct ring_buffer;

namespace runward {

// Reads what the programs of a container's network rules tell (agent/rule_maps.h).
class RuleEvents {
 public:
  using Visitor = std::function<void(const FlowKey&, const FlowCounts&)>;

  // Of the pinned map. What it holds already is read, and told to nobody.
  static Result<std::unique_ptr<RuleEvents>> Open(int map, Visitor visit);
  RuleEvents(const RuleEvents&) = delete;
  RuleEvents& operator=(const RuleEvents&) = delete;
  ~RuleEvents() = default;

  // Readable when there is something to read.
  [[nodiscard]] int fd() const;
  // What there is, up to some thousand: others are to have their turn.
  void Read();

 private:
  RuleEvents() = default;
  static int See(void* self, void* data, size_t size);
  struct Free {
    void operator()(ring_buffer* ring) const;
  };
  std::unique_ptr<ring_buffer, Free> ring_;
  Visitor visit_;
  int seen_ = 0;
};

}  // namespace runward
