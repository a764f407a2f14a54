#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace runward {

// Programs as filters of a network interface (tc-bpf(8)), in the calling thread's network
// namespace. They stay with the interface, whether an agent lives or not.

// Of an interface, what it sends or what it gets: a container gets and sends that.
enum class TcSide : uint8_t { kGets, kSends };

struct TcFilter {
  uint32_t priority = 0;
  uint32_t handle = 0;
  uint32_t program = 0;  // its number; 0 for what is no BPF program
  std::string name;      // its kind, or its program's name
};

// In the order in which they see a packet. None where the interface has no place for filters.
Result<std::vector<TcFilter>> TcFilters(int interface, TcSide side);

// Makes the program the interface's first filter. One of the same name, which an earlier start of a
// container has left, is replaced in the same moment; where there is any other, or a program that
// would see packets before it, nothing is attached. Read back before it returns.
Result<void> AttachTcFilter(int interface, TcSide side, int program);

// Takes the program away again where it is the first.
void DetachTcFilter(int interface, TcSide side, int program);

// Whether the program is the interface's first filter.
Result<bool> IsFirstTcFilter(int interface, TcSide side, int program);

}  // namespace runward
