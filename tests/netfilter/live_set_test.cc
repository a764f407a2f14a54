#include "netfilter/live_set.h"

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

class LiveSet : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    Rules(R"(table inet runward_t {
      set four { type ipv4_addr
        flags timeout
        size 300
      }
      set six { type ipv6_addr
        flags timeout
      }
    })");
  }
  static int Has(const std::string& set, const std::string& element) {
    return Run("nft get element inet runward_t " + set + " '{ " + element + " }' >/dev/null 2>&1");
  }
  static TimedAddress One(const char* text, uint32_t seconds) {
    return {.address = *ParseAddress(text), .seconds = seconds};
  }
};

TEST_F(LiveSet, TakesAddressesOfBothFamilies) {
  auto sets = LiveSets::Open("runward_t");
  ASSERT_TRUE(sets.ok()) << sets.error().message;
  const std::array four = {One("192.0.2.1", 60), One("192.0.2.2", 60)};
  const std::array six = {One("2001:db8::1", 60)};
  auto added = sets.value().Add("four", four);
  ASSERT_TRUE(added.ok()) << added.error().message;
  added = sets.value().Add("six", six);
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_EQ(Has("four", "192.0.2.1"), 0);
  EXPECT_EQ(Has("four", "192.0.2.2"), 0);
  EXPECT_EQ(Has("six", "2001:db8::1"), 0);
  EXPECT_NE(Has("four", "192.0.2.3"), 0);
}

TEST_F(LiveSet, AnAddressGoesWhenItsTimeIsOverAndStaysWhenItIsAddedAgain) {
  auto sets = LiveSets::Open("runward_t");
  ASSERT_TRUE(sets.ok());
  ASSERT_TRUE(sets.value().Add("four", std::array{One("192.0.2.1", 1), One("192.0.2.2", 1)}).ok());
  ASSERT_TRUE(sets.value().Add("four", std::array{One("192.0.2.2", 60)}).ok());
  Run("sleep 1.5");
  EXPECT_NE(Has("four", "192.0.2.1"), 0);
  EXPECT_EQ(Has("four", "192.0.2.2"), 0);
}

TEST_F(LiveSet, SaysWhatCannotBeAdded) {
  auto sets = LiveSets::Open("runward_t");
  ASSERT_TRUE(sets.ok());
  const auto added = sets.value().Add("none", std::array{One("192.0.2.1", 60)});
  ASSERT_FALSE(added.ok());
  EXPECT_NE(added.error().message.find("\"none\""), std::string::npos) << added.error().message;
  std::vector<TimedAddress> many;
  for (int i = 0; i < 400; ++i) {
    many.push_back(
        One(("192.0." + std::to_string(i / 200) + "." + std::to_string(i % 200)).c_str(), 60));
  }
  EXPECT_FALSE(sets.value().Add("four", many).ok());  // more than the set may hold
}

}  // namespace
}  // namespace runward
