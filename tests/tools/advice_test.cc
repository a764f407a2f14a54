#include "tools/advice.h"

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class AdviceTest : public ReportFixture {};

TEST_F(AdviceTest, BeginsWithTheDecisionsHintAndRepeatsTheRoot) {
  const auto advice = Advice(Denied(), "--runward-root=/srv/a b");
  EXPECT_EQ(advice.at(0), "runwardctl verdict add FILE");
  EXPECT_THAT(advice,
              Contains(HasSubstr("runwardctl '--runward-root=/srv/a b' verdict show sha256:")));
  EXPECT_THAT(advice,
              Contains(HasSubstr("policy explain --image registry.example.com/web/shop:1")));
}

TEST_F(AdviceTest, NothingThatAnAttackerNamedLeavesItsQuotes) {
  Event event = Denied("x; rm -rf / #");
  event.image_name = "a'$(reboot)";
  const auto advice = Advice(event, "");
  EXPECT_THAT(advice, Contains(HasSubstr("--container 'x; rm -rf / #'")));
  EXPECT_THAT(advice, Contains(HasSubstr("--image 'a'\\''$(reboot)'")));
}

TEST_F(AdviceTest, DoesNotOfferNamesThatWereCut) {
  Event event = Denied();
  event.image_name = "long…[cut]";
  EXPECT_THAT(Advice(event, ""), Not(Contains(HasSubstr("policy explain"))));
}

}  // namespace
}  // namespace runward
