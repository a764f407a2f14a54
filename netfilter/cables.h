#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "netfilter/links.h"
#include "netfilter/net_namespace.h"

namespace runward {

// A pair of interfaces (veth(4)), of which one is in the container's network and one in the host's.
struct Cable {
  int index = 0;       // the host's
  std::string name;    // the host's
  std::string inside;  // the container's
  int inside_index = 0;
  bool has_xdp = false;
};

struct Cables {
  std::vector<Cable> all;
  // The other interfaces there by which something may leave or arrive: neither the loopback, nor
  // one that the kernel makes in every network.
  std::vector<Link> others;
};

// One of two network namespaces: its interfaces, and what it calls the other.
struct Side {
  std::vector<Link> links;
  std::optional<int32_t> other;
};

// Only what both sides say of each other is a cable.
Cables FindCables(const Side& inside, const Side& host);

// The same of a network namespace, seen from the calling thread's.
Result<Cables> CablesOf(const NetNamespace& space);

// "\"eth1\" (macvlan)".
std::string DescribeLink(const Link& link);

}  // namespace runward
