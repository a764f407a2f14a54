#include "agent/tc_filter.h"

#include "tests/agent/cable_fixture.h"

namespace runward {
namespace {

TEST_F(CableTest, FiltersAreListedInTheirOrder) {
  EXPECT_TRUE(TcFilters(cable_.index, TcSide::kGets).value().empty());
  ASSERT_EQ(Run("tc qdisc add dev far clsact && "
                "tc filter add dev far ingress prio 20 protocol all bpf bytecode '1,6 0 0 0,' && "
                "tc filter add dev far ingress prio 10 protocol ip bpf bytecode '1,6 0 0 0,'"),
            0);
  const auto filters = TcFilters(cable_.index, TcSide::kGets);
  ASSERT_TRUE(filters.ok()) << filters.error().message;
  ASSERT_EQ(filters.value().front().priority, 10U);
  EXPECT_EQ(filters.value().back().priority, 20U);
  EXPECT_EQ(filters.value().front().name, "bpf");
  EXPECT_EQ(filters.value().front().program, 0U);
  EXPECT_TRUE(TcFilters(cable_.index, TcSide::kSends).value().empty());
}

TEST_F(CableTest, WhatIsNoProgramIsNotAttached) {
  const UniqueFd file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto attached = AttachTcFilter(cable_.index, TcSide::kGets, file.get());
  EXPECT_FALSE(attached.ok());
  EXPECT_TRUE(TcFilters(cable_.index, TcSide::kGets).value().empty());
}

}  // namespace
}  // namespace runward
