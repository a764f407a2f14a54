#include "agent/veth_rules.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <sys/syscall.h>

#include <array>

#include "agent/tc_filter.h"
#include "policy/policy.h"
#include "tests/agent/cable_fixture.h"
#include "tests/agent/frames.h"

namespace runward {
namespace {

constexpr bool kIn = true;  // to the container
constexpr uint8_t kSyn = 0x02;
constexpr uint8_t kAck = 0x10;

// Everything denied but UDP port 53 and TCP port 443 of 10.0.0.1 and fd00::1 that it begins, and
// TCP port 80 that others begin with it.
NetworkRule Rule() {
  const auto peer = [](NetworkRuleItem& item, const char* text) {
    item.ranges.push_back({*ParseAddress(text), *ParseAddress(text)});
  };
  NetworkRule rule;
  rule.given = true;
  rule.egress.default_allow = rule.ingress.default_allow = false;
  NetworkRuleItem out{.allow = true, .any_peer = false};
  peer(out, "10.0.0.1");
  peer(out, "fd00::1");
  out.protocols = {{.number = 17, .ports = {{53, 53}}}, {.number = 6, .ports = {{443, 443}}}};
  rule.egress.rules.push_back(out);
  NetworkRuleItem in{.allow = true, .any_peer = true};
  in.protocols = {{.number = 6, .ports = {{80, 80}}}};
  rule.ingress.rules.push_back(in);
  return rule;
}

class VethRulesTest : public CableTest {
 protected:
  void SetUp() override {
    CableTest::SetUp();
    if (!IsSkipped()) Load(/*audit=*/false);
  }
  void Load(bool audit) {
    WantedRules wanted{.start = "1", .plan = BuildCgroupPlan(Rule()).value(), .audit = audit};
    folder_ = PinPath(pins_, SetName(wanted));
    auto made = VethRules::Make(pins_, wanted, RW_HOST_RULED, nullptr);
    ASSERT_TRUE(made.ok()) << made.error().message;
    rules_ = std::move(made).value();
  }

  // Whether the program lets the frame pass.
  [[nodiscard]] bool Passes(const Bytes& frame, bool in = false) const {
    const auto program = OpenPinned(folder_, in ? "runward_in" : "runward_out");
    EXPECT_TRUE(program.ok());
    LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame.data(),
                .data_size_in = static_cast<uint32_t>(frame.size()), .repeat = 1);
    EXPECT_EQ(bpf_prog_test_run_opts(program.value().get(), &run), 0) << errno;
    return static_cast<int32_t>(run.retval) == -1;
  }
  [[nodiscard]] uint64_t Denied(bool in = false) const {
    uint64_t all = 0;
    for (const auto& [place, packets] : rules_.maps().Denied()) {
      if (place.ingress == in) all += packets;
    }
    return all;
  }

  std::string folder_;
  VethRules rules_;
};

TEST_F(VethRulesTest, RulesDecideAndAnswersPass) {
  EXPECT_FALSE(Passes(Frame4({.to_container = true}, Udp(53, 1000)), kIn)) << "not asked";
  EXPECT_TRUE(Passes(Frame4({}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame4({.to_container = true}, Udp(53, 1000)), kIn));
  EXPECT_FALSE(Passes(Frame4({.to_container = true}, Udp(54, 1000)), kIn));
  EXPECT_FALSE(Passes(Frame4({}, Udp(1000, 54))));
  EXPECT_FALSE(Passes(Frame4({.peer = 9}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame6({}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame6({.to_container = true}, Udp(53, 1000)), kIn));
  EXPECT_FALSE(Passes(Frame6({.peer = Address6(0xfd, 0, 9)}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame4({.protocol = 6}, Tcp(1000, 443, kSyn))));
  EXPECT_TRUE(
      Passes(Frame4({.protocol = 6, .to_container = true}, Tcp(443, 1000, kSyn | kAck)), kIn));
  EXPECT_FALSE(Passes(Frame4({.protocol = 6}, Tcp(1001, 443, kAck)))) << "never begun";
  EXPECT_TRUE(Passes(Frame4({.protocol = 6, .to_container = true}, Tcp(5000, 80, kSyn)), kIn));
  EXPECT_TRUE(Passes(Frame4({.protocol = 6}, Tcp(80, 5000, kSyn | kAck))));
  EXPECT_FALSE(Passes(Frame4({.protocol = 6}, Tcp(80, 5000, kSyn)))) << "begun by itself";
  EXPECT_EQ(Denied(), 5U);
  EXPECT_EQ(Denied(kIn), 2U);
}

TEST_F(VethRulesTest, NoFrameButIpAndArpPasses) {
  EXPECT_TRUE(Passes(Ethernet(0x0806) + Bytes(46)));
  EXPECT_FALSE(Passes(Ethernet(0x8100) + Number(5) + Number(0x0800) + Packet4({}, Udp(1000, 53))));
  EXPECT_FALSE(Passes(Ethernet(0x88b5) + Bytes(46)));
  EXPECT_FALSE(Passes(Ethernet(38) + Bytes(46))) << "IEEE 802.3";
  EXPECT_FALSE(Passes(Ethernet(0x8847) + Packet4({}, Udp(1000, 53)))) << "MPLS";
  EXPECT_FALSE(Passes(Frame4({.protocol = 47}, Bytes(24)))) << "GRE";
  EXPECT_FALSE(Passes(Frame4({.protocol = 4}, Packet4({}, Udp(1000, 53))))) << "IP in IP";
}

TEST_F(VethRulesTest, SourceRoutesAreDenied) {
  EXPECT_TRUE(Passes(Frame4({.options = {0x94, 4, 0, 0}}, Udp(1000, 53))));
  EXPECT_FALSE(Passes(Frame4({.options = {0x83, 3, 4, 0}}, Udp(1000, 53))));
  const Bytes route = Bytes{17, 2, 2, 1, 0, 0, 0, 0} + Address6(0xfd, 0, 9);
  EXPECT_FALSE(Passes(Frame6({.next = 43}, route + Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame6({.next = 60}, Bytes{17, 0, 1, 4, 0, 0, 0, 0} + Udp(1000, 53))));
  EXPECT_FALSE(Passes(Frame6({.next = 60}, Bytes{17, 0, 1, 4, 0, 0, 0, 0} + Udp(1000, 54))));
}

TEST_F(VethRulesTest, ALaterPartPassesBehindAFirstThatDid) {
  constexpr uint16_t kMore = 0x2000;
  EXPECT_FALSE(Passes(Frame4({.id = 7, .part = 3}, Bytes(32)))) << "before the first";
  EXPECT_TRUE(Passes(Frame4({.id = 7, .part = kMore}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame4({.id = 7, .part = 3}, Bytes(32))));
  EXPECT_TRUE(Passes(Frame4({.id = 7, .part = 1}, Bytes(32))));
  EXPECT_FALSE(Passes(Frame4({.id = 8, .part = 3}, Bytes(32)))) << "another packet's";
  EXPECT_FALSE(Passes(Frame4({.id = 7, .part = 3, .peer = 9}, Bytes(32))));
  EXPECT_FALSE(Passes(Frame4({.protocol = 6, .id = 7, .part = 3}, Bytes(32))));
  EXPECT_FALSE(Passes(Frame4({.to_container = true, .id = 7, .part = 3}, Bytes(32)), kIn));
  EXPECT_FALSE(Passes(Frame4({.id = 9, .part = kMore}, Udp(1000, 54))));
  EXPECT_FALSE(Passes(Frame4({.id = 9, .part = 3}, Bytes(32)))) << "behind one that was denied";
  // What would write over what was judged.
  EXPECT_TRUE(Passes(Frame4({.protocol = 6, .id = 10, .part = kMore}, Tcp(1000, 443, kSyn))));
  EXPECT_FALSE(Passes(Frame4({.protocol = 6, .id = 10, .part = 1}, Bytes(32))));
  EXPECT_TRUE(Passes(Frame4({.protocol = 6, .id = 10, .part = 2}, Bytes(32))));
  const auto part = [](uint8_t next, uint8_t offset, uint8_t more) {
    return Bytes{next, 0, 0, static_cast<uint8_t>(offset << 3 | more), 0, 0, 0, 7};
  };
  EXPECT_FALSE(Passes(Frame6({.next = 44}, part(17, 3, 0) + Bytes(32))));
  const Bytes options = {17, 0, 1, 4, 0, 0, 0, 0};
  EXPECT_TRUE(Passes(Frame6({.next = 44}, part(60, 0, 1) + options + Udp(1000, 53))));
  EXPECT_FALSE(Passes(Frame6({.next = 44}, part(60, 1, 0) + Bytes(32))));
  EXPECT_TRUE(Passes(Frame6({.next = 44}, part(17, 2, 0) + Bytes(32))));
}

TEST_F(VethRulesTest, ErrorsPassThatAreAboutAKnownConversation) {
  const auto about = [](uint16_t from, uint16_t to) {
    return Packet4({}, Number(from) + Number(to) + Bytes(4));
  };
  const Header4 to{.protocol = 1, .to_container = true, .peer = 77};  // a router
  EXPECT_FALSE(Passes(Frame4(to, Icmp(3, about(1000, 53))), kIn));
  EXPECT_TRUE(Passes(Frame4({}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame4(to, Icmp(3, about(1000, 53))), kIn));
  EXPECT_FALSE(Passes(Frame4(to, Icmp(3, about(1000, 54))), kIn));
  EXPECT_FALSE(Passes(Frame4(to, Icmp(5, about(1000, 53))), kIn)) << "a redirect";
  EXPECT_FALSE(Passes(Frame4(to, Icmp(8, about(1000, 53))), kIn)) << "no error";
  const Header6 to6{.next = 58, .to_container = true, .peer = Address6(0xfd, 0, 77)};
  EXPECT_FALSE(Passes(Frame6(to6, Icmp(2, Packet6({}, Udp(1000, 53)))), kIn));
  EXPECT_TRUE(Passes(Frame6({}, Udp(1000, 53))));
  EXPECT_TRUE(Passes(Frame6(to6, Icmp(2, Packet6({}, Udp(1000, 53)))), kIn));
  // One of its own goes to who sent what it is about, and to nobody else.
  EXPECT_TRUE(Passes(Frame4({.protocol = 6, .to_container = true}, Tcp(5000, 80, kSyn)), kIn));
  const Bytes asked = Packet4({.protocol = 6, .to_container = true}, Tcp(5000, 80, kSyn));
  EXPECT_TRUE(Passes(Frame4({.protocol = 1}, Icmp(3, asked))));
  EXPECT_FALSE(Passes(Frame4({.protocol = 1, .peer = 9}, Icmp(3, asked))));
}

TEST_F(VethRulesTest, NeighboursPassAsFarAsTheyAreNear) {
  const Bytes all = Address6(0xff, 0x02, 1);
  const Bytes far = Address6(0x20, 0x01, 9);
  EXPECT_TRUE(Passes(Frame6({.next = 58, .hops = 255, .peer = all}, Icmp(135))));
  EXPECT_TRUE(
      Passes(Frame6({.next = 58, .hops = 255, .peer = Address6(0xfe, 0x80, 1)}, Icmp(136))));
  EXPECT_FALSE(Passes(Frame6({.next = 58, .hops = 64, .peer = all}, Icmp(135))));
  const auto says = [&](uint8_t type, const Bytes& target, size_t more) {
    return Passes(Frame6({.next = 58, .hops = 255, .peer = far}, Icmp(type, target + Bytes(more))));
  };
  const auto hears = [&](uint8_t hops) {
    const Header6 head{.next = 58, .to_container = true, .hops = hops, .peer = far};
    return Passes(Frame6(head, Icmp(135)), kIn);
  };
  const Bytes own = Address6(0xfd, 0, 2);
  EXPECT_FALSE(says(136, own, 8));
  EXPECT_FALSE(hears(254));
  EXPECT_FALSE(says(136, own, 8));
  EXPECT_TRUE(hears(255));
  EXPECT_TRUE(says(136, own, 8)) << "it is near";
  EXPECT_TRUE(says(135, far, 8));
  EXPECT_FALSE(says(136, far, 8)) << "another's";
  EXPECT_FALSE(says(135, own, 8));
  EXPECT_FALSE(says(136, own, 9)) << "more than it has to say";
  EXPECT_FALSE(says(133, own, 8));
  EXPECT_TRUE(Passes(Frame6({.next = 58, .hops = 255, .peer = all}, Icmp(133))));
  EXPECT_FALSE(Passes(Frame6({.next = 58, .hops = 255, .peer = all}, Icmp(134)))) << "a router";
  const Bytes alert = {58, 0, 5, 2, 0, 0, 1, 0};
  EXPECT_TRUE(
      Passes(Frame6({.next = 0, .hops = 1, .peer = Address6(0xff, 2, 22)}, alert + Icmp(143))));
  EXPECT_FALSE(
      Passes(Frame6({.next = 0, .hops = 64, .peer = Address6(0xff, 5, 22)}, alert + Icmp(143))));
  EXPECT_FALSE(Passes(Frame6({.next = 58, .hops = 255, .peer = all}, Icmp(137)))) << "a redirect";
}

TEST_F(VethRulesTest, AuditDropsNothingAndCounts) {
  Load(/*audit=*/true);
  EXPECT_TRUE(Passes(Frame4({}, Udp(1000, 54))));
  EXPECT_TRUE(Passes(Ethernet(0x88b5) + Bytes(46)));
  EXPECT_TRUE(Passes(Frame4({.id = 8, .part = 3}, Bytes(32))));
  EXPECT_EQ(Denied(), 3U);
}

TEST_F(VethRulesTest, NothingPassesBeforeRulesHoldAndAllIsFoundAgainAfterwards) {
  ASSERT_TRUE(rules_.maps().SetState(RW_HOST_CLOSED).ok());
  EXPECT_FALSE(Passes(Ethernet(0x0806) + Bytes(46)));
  EXPECT_FALSE(Passes(Frame4({}, Udp(1000, 53))));
  EXPECT_FALSE(VethRules::Open(folder_).value()) << "not proved";
  ASSERT_TRUE(rules_.maps().SetState(RW_HOST_RULED).ok());
  const auto again = VethRules::Open(folder_);
  ASSERT_TRUE(again.ok() && again.value());
  EXPECT_EQ(again.value()->maps().Denied(), rules_.maps().Denied());
}

TEST_F(VethRulesTest, ACableIsProvedOnlyWhereTheProgramsAre) {
  ASSERT_TRUE(rules_.maps().SetState(RW_HOST_CLOSED).ok());
  EXPECT_FALSE(ProveCable(inside_, cable_, rules_.maps()).ok());
  const auto attached = rules_.Attach(cable_);
  ASSERT_TRUE(attached.ok()) << attached.error().message;
  EXPECT_TRUE(rules_.IsAttached(cable_).value());
  const auto proved = ProveCable(inside_, cable_, rules_.maps());
  EXPECT_TRUE(proved.ok()) << proved.error().message;
  rules_.Detach(cable_);
  EXPECT_FALSE(rules_.IsAttached(cable_).value());
  EXPECT_FALSE(ProveCable(inside_, cable_, rules_.maps()).ok());
  ASSERT_EQ(Run("ip link set far down"), 0);
  EXPECT_TRUE(ProveCable(inside_, cable_, rules_.maps()).ok()) << "it lets nothing pass";
}

TEST_F(VethRulesTest, WhereAnotherFilterStandsNothingIsAttached) {
  ASSERT_EQ(
      Run("tc qdisc add dev far clsact && tc filter add dev far egress prio 50000 protocol all "
          "bpf bytecode '1,6 0 0 0,'"),
      0);
  const auto attached = rules_.Attach(cable_);
  ASSERT_FALSE(attached.ok());
  EXPECT_NE(attached.error().message.find("\"far\""), std::string::npos)
      << attached.error().message;
  EXPECT_NE(attached.error().message.find("(bpf)"), std::string::npos) << attached.error().message;
  rules_.Detach(cable_);
  EXPECT_TRUE(TcFilters(cable_.index, TcSide::kGets).value().empty());
  EXPECT_EQ(TcFilters(cable_.index, TcSide::kSends).value().size(), 1U);
}

// As newer programs attach than libbpf knows here (tcx, Linux 6.6).
bool AttachTcx(int interface, int program) {
  bpf_attr attach{};
  attach.target_fd = static_cast<uint32_t>(interface);  // target_ifindex
  attach.attach_bpf_fd = static_cast<uint32_t>(program);
  constexpr uint32_t kTcxEgress = 47;
  attach.attach_type = kTcxEgress;
  return syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) == 0;
}

TEST_F(VethRulesTest, WhereAnEarlierProgramStandsNothingIsAttached) {
  const auto program = OpenPinned(folder_, "runward_in");
  ASSERT_TRUE(program.ok());
  if (!AttachTcx(cable_.index, program.value().get())) GTEST_SKIP() << "a kernel without tcx";
  const auto attached = rules_.Attach(cable_);
  ASSERT_FALSE(attached.ok());
  EXPECT_NE(attached.error().message.find("(tcx)"), std::string::npos) << attached.error().message;
}

TEST_F(VethRulesTest, WhereAProgramSeesFramesBeforeNothingIsAttached) {
  const std::array<bpf_insn, 2> passes = {
      {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS},
       {.code = BPF_JMP | BPF_EXIT}}};
  const UniqueFd program(
      bpf_prog_load(BPF_PROG_TYPE_XDP, "passes", "GPL", passes.data(), passes.size(), nullptr));
  ASSERT_TRUE(program.valid()) << errno;
  ASSERT_EQ(bpf_xdp_attach(cable_.index, program.get(), XDP_FLAGS_SKB_MODE, nullptr), 0);
  const auto cables = CablesOf(inside_);
  ASSERT_TRUE(cables.ok() && cables.value().all.size() == 1);
  const auto attached = rules_.Attach(cables.value().all.front());
  ASSERT_FALSE(attached.ok());
  EXPECT_NE(attached.error().message.find("(XDP)"), std::string::npos) << attached.error().message;
}

TEST_F(VethRulesTest, WhatAnEarlierStartLeftIsReplaced) {
  ASSERT_TRUE(rules_.Attach(cable_).ok());
  const auto before = TcFilters(cable_.index, TcSide::kGets).value();
  Load(/*audit=*/false);
  EXPECT_FALSE(rules_.IsAttached(cable_).value());
  const auto attached = rules_.Attach(cable_);
  ASSERT_TRUE(attached.ok()) << attached.error().message;
  const auto now = TcFilters(cable_.index, TcSide::kGets).value();
  ASSERT_EQ(now.size(), 1U);
  EXPECT_NE(now[0].program, before[0].program);
}

}  // namespace
}  // namespace runward
