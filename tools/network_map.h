#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/event_parse.h"

namespace runward {

// What flows of a container are shown together by.
struct SeenFlowKey {
  std::string container;
  std::string image;
  EventAction action = EventAction::kDenied;
  bool ingress = false;
  std::string peer;      // address; "" for several that were counted together
  std::string name;      // as it was resolved
  std::string protocol;  // "" as above
  int64_t port = 0;      // as EventFlow's
  std::string rule;
  auto operator<=>(const SeenFlowKey&) const = default;
};

struct SeenFlow {
  SeenFlowKey key;
  int64_t count = 0;  // packets that were denied, or connections
  int64_t bytes_out = 0;
  int64_t bytes_in = 0;
  Time first;
  Time last;
};

// Who talked to whom, from events of the agent's, in bounded memory: peers are whoever sends.
class NetworkMap {
 public:
  static constexpr size_t kMaxFlows = 20000;

  // Events about other things are passed over.
  void Add(const LoggedEvent& logged);
  // By container, those with the most that was denied first; of a container denied ones first, then
  // by falling count.
  [[nodiscard]] std::vector<SeenFlow> Flows() const;
  [[nodiscard]] int64_t uncounted() const { return uncounted_; }  // events past kMaxFlows
  // Errors, after each of which something of a container's network was not told of.
  [[nodiscard]] int64_t untold() const { return untold_; }

 private:
  std::map<SeenFlowKey, SeenFlow> flows_;
  int64_t uncounted_ = 0;
  int64_t untold_ = 0;
};

// "443/tcp", "icmp type 8", "gre"; "" when not known.
std::string ServiceOf(const SeenFlowKey& key);
// "192.0.2.1", "api.example.com (192.0.2.1)", "several".
std::string PeerOf(const SeenFlowKey& key);
// As Docker shows an id: the first twelve of 64 digits.
std::string ShortContainer(const std::string& id);

// The flows as a picture (SVG 1.1, no scripts, nothing loaded from elsewhere).
std::string NetworkPicture(const std::vector<SeenFlow>& flows, const std::string& span);

}  // namespace runward
