#pragma once

#include <cstdint>
#include <string>

#include "base/event_json.h"

namespace runward {

// What an event about a container's network is about: packets that were denied, connections, or a
// name that was asked for; one or many that are told of together.
struct EventFlow {
  bool ingress = false;
  std::string protocol;   // "tcp", "icmpv6", ...; "" where several are told of together
  std::string peer;       // address; "" as above, or where a name is all there is
  std::string peer_name;  // as the container's DNS resolved it, or asked for
  int64_t port = 0;       // that the beginner addressed; of ICMP the type; 0: none
  int64_t count = 0;      // packets of denied ones, connections, or questions
  int64_t bytes_out = 0;  // that the container sent
  int64_t bytes_in = 0;
};

// OCSF's classes for it: Network Activity and DNS Activity.
inline constexpr int kNetworkActivity = 4001;
inline constexpr int kDnsActivity = 4003;

// connection_info.direction_id: inbound and outbound.
inline constexpr int kFlowIngress = 1;
inline constexpr int kFlowEgress = 2;

// With texts escaped for JSON and bounded, as base/event_bounds.h does with an event's.
EventFlow BoundFlow(const EventFlow& raw);
// OCSF's objects; `flow` is bounded.
void WriteFlow(JsonLine& line, const EventFlow& flow, int class_uid);

}  // namespace runward
