#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "netfilter/net_namespace.h"

namespace runward {

// A network interface, as rtnetlink(7) tells of it.
struct Link {
  int index = 0;
  std::string name;
  std::string kind;  // "veth", "macvlan", ...; "" for a machine's own
  bool loopback = false;
  int peer = 0;                            // the interface that it leads to, or lies on; 0: none
  std::optional<int32_t> peer_space = {};  // as its own network namespace calls that one's
  bool has_xdp = false;                    // a program sees its frames before all others
};

// A message about one; nullopt when it is none.
std::optional<Link> ReadLink(std::span<const uint8_t> message);

// Whether a message tells of an interface that leads to the network namespace of that number, or
// that goes there.
bool IsAboutSpace(std::span<const uint8_t> message, int32_t number);

// Those of the calling thread's network namespace.
Result<std::vector<Link>> ReadLinks();

// What the calling thread's network namespace calls another; nullopt when it has no name for it, so
// that no interface here leads there.
Result<std::optional<int32_t>> NumberOf(const NetNamespace& space);

}  // namespace runward
