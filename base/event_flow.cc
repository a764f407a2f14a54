#include "base/event_flow.h"

#include "base/event_text.h"

namespace runward {
namespace {

constexpr size_t kProtocolBytes = 16;
constexpr size_t kAddressBytes = 64;
constexpr size_t kNameBytes = 256;

}  // namespace

EventFlow BoundFlow(const EventFlow& raw) {
  EventFlow flow = raw;
  flow.protocol = EscapeJson(raw.protocol, kProtocolBytes);
  flow.peer = EscapeJson(raw.peer, kAddressBytes);
  flow.peer_name = EscapeJson(raw.peer_name, kNameBytes);
  return flow;
}

// OCSF 1.8.0: objects/network_connection_info.json, network_endpoint.json, network_traffic.json,
// dns_query.json; `count` is the base event's. The container has no address of its own here: it is
// the object "container", and the other endpoint is its peer.
void WriteFlow(JsonLine& line, const EventFlow& flow, int class_uid) {
  line.Number("count", flow.count);
  line.Open("connection_info", '{');
  line.Number("direction_id", flow.ingress ? kFlowIngress : kFlowEgress);
  line.Text("direction", flow.ingress ? "Inbound" : "Outbound");
  line.Text("protocol_name", flow.protocol);
  line.Close('}');
  if (flow.ingress) {
    line.Open("src_endpoint", '{');
    line.Text("ip", flow.peer);
    line.Text("hostname", flow.peer_name);
    line.Close('}');
  }
  line.Open("dst_endpoint", '{');
  if (!flow.ingress) {
    line.Text("ip", flow.peer);
    line.Text("hostname", flow.peer_name);
  }
  if (flow.port != 0) line.Number("port", flow.port);
  line.Close('}');
  if (class_uid == kDnsActivity) {
    line.Open("query", '{');
    line.Text("hostname", flow.peer_name);
    line.Close('}');
    return;
  }
  line.Open("traffic", '{');
  line.Number("bytes_in", flow.bytes_in);
  line.Number("bytes_out", flow.bytes_out);
  line.Close('}');
}

}  // namespace runward
