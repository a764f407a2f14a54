#include "tools/network_map.h"

#include "tests/tools/network_fixture.h"

namespace runward {
namespace {

class NetworkMapTest : public NetworkFixture {
 protected:
  void Add(const Event& event) { map_.Add(Logged(event)); }
  NetworkMap map_;
};

TEST_F(NetworkMapTest, AddsUpWhatIsAlikeAndKeepsTheRestApart) {
  EventFlow open = To("10.0.0.1", "tcp", 443);
  open.bytes_in = 5;
  Add(Flow(EventAction::kAllowed, open, "network.egress.allow[0]"));
  open.count = 0;
  open.bytes_in = 0;
  open.bytes_out = 7;
  Add(Flow(EventAction::kAllowed, open, "network.egress.allow[0]"));
  Add(Flow(EventAction::kDenied, To("10.0.0.1", "tcp", 443, 3), "network.egress.default"));
  Add(Denied());
  const auto flows = map_.Flows();
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].key.action, EventAction::kDenied);
  EXPECT_EQ(flows[0].count, 3);
  EXPECT_EQ(flows[1].count, 1);
  EXPECT_EQ(flows[1].bytes_in, 5);
  EXPECT_EQ(flows[1].bytes_out, 7);
  EXPECT_LE(flows[1].first, flows[1].last);
}

TEST_F(NetworkMapTest, PutsWhoWasDeniedMostFirst) {
  Add(Flow(EventAction::kAllowed, To("10.0.0.1", "tcp", 1, 900), "a", "calm"));
  Add(Flow(EventAction::kDenied, To("10.0.0.1", "tcp", 1, 2), "a", "b"));
  Add(Flow(EventAction::kWouldDeny, To("10.0.0.1", "tcp", 1, 800), "a", "audited"));
  Add(Flow(EventAction::kDenied, To("10.0.0.1", "tcp", 1, 9), "a", "worst"));
  std::vector<std::string> order;
  for (const SeenFlow& flow : map_.Flows()) order.push_back(flow.key.container);
  EXPECT_EQ(order, (std::vector<std::string>{"worst", "b", "audited", "calm"}));
}

TEST_F(NetworkMapTest, IsBoundedAndSaysWhatItLeavesOut) {
  for (size_t i = 0; i < NetworkMap::kMaxFlows + 3; ++i) {
    Add(Flow(EventAction::kDenied, To(std::to_string(i), "tcp", 1), "a"));
  }
  Add(Flow(EventAction::kError, {}, "network.agent"));
  EXPECT_EQ(map_.Flows().size(), NetworkMap::kMaxFlows);
  EXPECT_EQ(map_.uncounted(), 3);
  EXPECT_EQ(map_.untold(), 1);
}

TEST_F(NetworkMapTest, NamesServicesAndPeers) {
  EXPECT_EQ(ServiceOf({.protocol = "tcp", .port = 443}), "443/tcp");
  EXPECT_EQ(ServiceOf({.protocol = "icmpv6", .port = 128}), "icmpv6 type 128");
  EXPECT_EQ(ServiceOf({.protocol = "47"}), "47");
  EXPECT_EQ(PeerOf({}), "several");
  EXPECT_EQ(PeerOf({.peer = "::1"}), "::1");
  EXPECT_EQ(PeerOf({.peer = "10.0.0.1", .name = "db"}), "db (10.0.0.1)");
  EXPECT_EQ(PeerOf({.name = "db"}), "db");
  EXPECT_EQ(ShortContainer(std::string(64, 'a')), std::string(12, 'a'));
  EXPECT_EQ(ShortContainer("web-1"), "web-1");
}

}  // namespace
}  // namespace runward
