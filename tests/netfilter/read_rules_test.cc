#include "netfilter/read_rules.h"

#include "base/json.h"
#include "netfilter/install.h"
#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

class ReadRulesTest : public NamespaceTest {};

TEST_F(ReadRulesTest, DeniedPacketsAreCountedByRule) {
  const auto document =
      JsonDocument::Parse(R"({"egress":{"default":"deny","deny":[{"to":["192.0.2.9"]}]}})");
  const NetworkRule rule = ReadNetworkRule(document.value().root(), {});
  const std::string key(64, '1');
  const NetfilterPlan plan = BuildPlan(rule, {.key = key});
  auto socket = OpenNetfilter();
  ASSERT_TRUE(socket.ok());
  ASSERT_TRUE(InstallPlanBy(socket.value().get(), plan).ok());
  ASSERT_EQ(Run("ip link add d0 type veth peer name d1 && ip addr add 192.0.2.1/24 dev d0 && "
                "ip link set d0 up && ip link set d1 up"),
            0);
  ASSERT_EQ(Run("bash -c 'for i in 1 2 3; do echo x >/dev/udp/192.0.2.9/9; done; "
                "echo x >/dev/udp/192.0.2.8/9' 2>/dev/null; true"),
            0);
  const auto counts = ReadDenied(socket.value().get(), plan.table);
  ASSERT_TRUE(counts.ok()) << counts.error().message;
  ASSERT_EQ(counts.value().size(), 3U);  // ingress denies what has no beginning
  for (const DeniedCount& one : counts.value()) {
    if (one.direction != Direction::kEgress) continue;
    EXPECT_EQ(one.packets, one.rule ? 3U : 1U);
  }
}

TEST_F(ReadRulesTest, RulesAndJumpsAreCountedWithoutReadingThem) {
  const auto count = [] {
    auto socket = OpenNetfilter();
    const auto counted = CountInstalled(socket.value().get(), "t");
    return counted.ok() ? counted.value() : 999;
  };
  Rules("table inet other {\nchain x {\naccept\n}\n}");
  Rules(
      "table inet t {\nchain deny {\ncounter drop\n}\n"
      "chain out {\ntcp dport 1 jump deny\njump deny\n}\n}");
  EXPECT_EQ(count(), 5U);
  ASSERT_EQ(Run("nft flush chain inet t out"), 0);
  EXPECT_EQ(count(), 1U);
}

TEST_F(ReadRulesTest, ATableThatIsNotThereHasNoRules) {
  auto socket = OpenNetfilter();
  ASSERT_TRUE(socket.ok());
  const auto count = CountInstalled(socket.value().get(), "nothing");
  EXPECT_TRUE(!count.ok() || count.value() == 0);
}

}  // namespace
}  // namespace runward
