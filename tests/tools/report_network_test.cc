#include <nlohmann/json.hpp>

#include "tests/tools/network_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportNetworkTest : public NetworkFixture {
 protected:
  void SetUp() override {
    EventFlow open = To("10.0.0.1", "tcp", 443);
    open.bytes_in = 4096;
    Append(Flow(EventAction::kAllowed, open, "network.egress.allow[0]"));
    Append(Flow(EventAction::kDenied, To("10.0.0.9", "udp", 53, 1200), "network.egress.default"));
    Append(Flow(EventAction::kDenied, From("fd00::9", "icmpv6", 128), "network.ingress.deny[0]",
                "db-1"));
    Append(Denied());
  }
};

TEST_F(ReportNetworkTest, TellsWhoTalksToWhom) {
  const Output output = Run(ReportNetwork);
  EXPECT_EQ(output.code, 0) << output.err;
  for (const char* part :
       {"web-1  registry.example.com/web/shop:1\n", "denied    to", "10.0.0.9", "53/udp", "1,200",
        "4,096", "network.egress.default", "from", "icmpv6 type 128", "fd00::9"}) {
    EXPECT_THAT(output.out, HasSubstr(part));
  }
  EXPECT_LT(output.out.find("10.0.0.9"), output.out.find("10.0.0.1 "));
}

TEST_F(ReportNetworkTest, GivesTheSameAsJson) {
  const auto json = nlohmann::json::parse(Run(ReportNetwork, {"--json"}).out);
  ASSERT_EQ(json["flows"].size(), 3U);
  EXPECT_EQ(json["flows"][0]["peer"], "10.0.0.9");
  EXPECT_EQ(json["flows"][0]["count"], 1200);
  EXPECT_EQ(json["flows"][1]["bytes_in"], 4096);
  EXPECT_EQ(json["flows"][1]["direction"], "egress");
  EXPECT_EQ(json["flows"][2]["container"], "db-1");
}

TEST_F(ReportNetworkTest, FiltersAsEventsAreFiltered) {
  const Output denied = Run(ReportNetwork, {"--decision", "denied", "--container", "web"});
  EXPECT_THAT(denied.out, HasSubstr("10.0.0.9"));
  EXPECT_THAT(denied.out, Not(HasSubstr("10.0.0.1 ")));
  EXPECT_THAT(denied.out, Not(HasSubstr("db-1")));
  EXPECT_THAT(Run(ReportNetwork, {"--until", "2020-01-01"}).out, HasSubstr("nothing of a network"));
  EXPECT_EQ(Run(ReportNetwork, {"--json", "--svg"}).code, 2);
  EXPECT_EQ(Run(ReportNetwork, {"web"}).code, 2);
}

TEST_F(ReportNetworkTest, DrawsAPicture) {
  const Output output = Run(ReportNetwork, {"--svg"});
  EXPECT_TRUE(output.out.starts_with("<svg ")) << output.out;
  EXPECT_TRUE(output.out.ends_with("</svg>\n"));
}

TEST_F(ReportNetworkTest, SaysWhatIsNotKnown) {
  Append(Flow(EventAction::kError, {}, "network.agent"));
  EXPECT_THAT(Run(ReportNetwork).out, HasSubstr("1 error, after which"));
}

}  // namespace
}  // namespace runward
