#pragma once

#include "tests/tools/report_fixture.h"
#include "tools/network_map.h"

namespace runward {

// Events as the agent logs them of containers' networks.
class NetworkFixture : public ReportFixture {
 protected:
  static Event Flow(EventAction action, const EventFlow& flow, const std::string& rule,
                    const std::string& container = "web-1") {
    Event event = Denied(container);
    event.action = action;
    event.operation = "network";
    event.rule = rule;
    event.flow = flow;
    return event;
  }
  static EventFlow To(const std::string& peer, const std::string& protocol, int64_t port,
                      int64_t count = 1) {
    return {.protocol = protocol, .peer = peer, .port = port, .count = count};
  }
  static EventFlow From(const std::string& peer, const std::string& protocol, int64_t port,
                        int64_t count = 1) {
    EventFlow flow = To(peer, protocol, port, count);
    flow.ingress = true;
    return flow;
  }
  // As it is read back.
  static LoggedEvent Logged(Event event) {
    LoggedEvent logged;
    logged.event = std::move(event);
    return logged;
  }
};

}  // namespace runward
