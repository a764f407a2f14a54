#include "netfilter/fill_sets.h"

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

class FillSetsTest : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    Rules(R"(table inet runward_t {
      set four { type ipv4_addr; }
      set six { type ipv6_addr; }
    })");
  }
  static int Has(const std::string& set, const std::string& element) {
    return Run("nft get element inet runward_t " + set + " '{ " + element + " }' >/dev/null 2>&1");
  }
  static PlanSet Set(const char* name, std::vector<const char*> addresses, bool v6 = false) {
    PlanSet set{.name = name, .kind = v6 ? SetKind::kIpv6 : SetKind::kIpv4, .live = true};
    for (const char* one : addresses) set.names.push_back({.address = *ParseAddress(one)});
    return set;
  }
  static Result<bool> Fill(const std::vector<PlanSet>& sets, const char* table = "runward_t") {
    const NetNamespace here{.fd = UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC))};
    std::vector<NetfilterSocket> used;
    return FillSets(here, table, sets, used);
  }
};

TEST_F(FillSetsTest, PutsWhatIsNowInThePlaceOfWhatWas) {
  auto filled = Fill({Set("four", {"192.0.2.1", "192.0.2.2"}), Set("six", {"2001:db8::1"}, true)});
  ASSERT_TRUE(filled.ok()) << filled.error().message;
  EXPECT_TRUE(filled.value());
  EXPECT_EQ(Has("four", "192.0.2.1"), 0);
  EXPECT_EQ(Has("six", "2001:db8::1"), 0);
  filled = Fill({Set("four", {"192.0.2.2", "192.0.2.3"}), Set("six", {}, true)});
  ASSERT_TRUE(filled.ok()) << filled.error().message;
  EXPECT_NE(Has("four", "192.0.2.1"), 0);
  EXPECT_EQ(Has("four", "192.0.2.2"), 0);
  EXPECT_EQ(Has("four", "192.0.2.3"), 0);
  EXPECT_NE(Has("six", "2001:db8::1"), 0);
}

TEST_F(FillSetsTest, WhereThereIsNoTableOrSetNothingIsChanged) {
  ASSERT_TRUE(Fill({Set("four", {"192.0.2.1"})}).ok());
  for (const auto& filled : {Fill({Set("four", {"192.0.2.2"})}, "other"),
                             Fill({Set("four", {"192.0.2.2"}), Set("no", {})})}) {
    ASSERT_TRUE(filled.ok()) << filled.error().message;
    EXPECT_FALSE(filled.value());
  }
  EXPECT_EQ(Has("four", "192.0.2.1"), 0);
  EXPECT_NE(Has("four", "192.0.2.2"), 0);
}

TEST_F(FillSetsTest, TakesThousandsAtOnce) {
  PlanSet many = Set("four", {});
  for (int i = 0; i < 5000; ++i) {
    const std::string text = "10.9." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    many.names.push_back({.address = *ParseAddress(text)});
  }
  const auto filled = Fill({many});
  ASSERT_TRUE(filled.ok()) << filled.error().message;
  EXPECT_EQ(Has("four", "10.9.19.249"), 0);
}

}  // namespace
}  // namespace runward
