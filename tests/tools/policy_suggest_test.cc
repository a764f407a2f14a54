#include "tests/tools/network_fixture.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PolicySuggestTest : public NetworkFixture {};

TEST_F(PolicySuggestTest, ProposesRulesForOneContainer) {
  Append(Flow(EventAction::kWouldDeny, To("10.0.0.1", "tcp", 443), "network.egress.default"));
  Append(Flow(EventAction::kWouldDeny, To("10.0.0.2", "tcp", 1), "network.egress.default", "db"));
  Append(Flow(EventAction::kWouldDeny, To("", "", 0, 9), "network.egress.default"));
  const Output output = Run(PolicySuggestNetworkCommand, {"--container", "web-1"});
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("10.0.0.1"));
  EXPECT_THAT(output.out, Not(HasSubstr("10.0.0.2")));
  EXPECT_THAT(output.err, HasSubstr("no rule for what the log does not tell apart: to several"));
}

TEST_F(PolicySuggestTest, WantsToKnowWhose) {
  EXPECT_THAT(Run(PolicySuggestNetworkCommand).err, HasSubstr("--container ID or --image NAME"));
  const Output none = Run(PolicySuggestNetworkCommand, {"--container", "x"});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("nothing was seen"));
}

}  // namespace
}  // namespace runward
