#include "agent/open_flows.h"

#include <bpf/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <ctime>

#include "agent/kernel_object.h"
#include "policy/network_judge.h"
#include "tests/agent/group_fixture.h"

namespace runward {
namespace {

NetworkRule Read(const std::string& network) {
  static std::optional<JsonDocument> document;
  document.emplace(std::move(JsonDocument::Parse(network)).value());
  return ReadNetworkRule(document->root(), {});
}

uint64_t Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000;
}

// Conversations of a container whose rules have changed to these.
class OpenFlowsTest : public GroupTest {
 protected:
  void Begin(const std::string& network) {
    WantedRules wanted = Wanted();
    wanted.plan = BuildCgroupPlan(Read(network)).value();
    auto made = MakeRuleSet(pinned_, HostNetworkObject(), wanted, RW_HOST_RULED, nullptr);
    ASSERT_TRUE(made.ok()) << made.error().message;
    rules_ = std::move(made).value();
  }
  void Add(const NetworkFlow& flow, uint64_t seen = Now(), uint8_t ended = 0) {
    rw_flow_key key{.v6 = flow.peer.v6, .protocol = flow.protocol, .zero = {}};
    key.own_port[0] = static_cast<uint8_t>(++number_ >> 8);
    key.own_port[1] = static_cast<uint8_t>(number_);
    std::copy_n(flow.peer.bytes.begin(), flow.peer.size(), key.peer);
    const bool icmp = flow.protocol == 1 || flow.protocol == 58;
    const uint16_t number = icmp ? uint16_t{flow.icmp_type} : flow.port;
    const rw_flow value{.seen = seen,
                        .ingress = flow.direction == Direction::kIngress,
                        .ended = ended,
                        .number = number,
                        .rule = 0};
    ASSERT_EQ(bpf_map_update_elem(rules_.flows(), &key, &value, BPF_ANY), 0);
  }
  [[nodiscard]] size_t Left() const {
    size_t count = 0;
    rw_flow_key key{};
    for (int more = bpf_map_get_next_key(rules_.flows(), nullptr, &key); more == 0;
         more = bpf_map_get_next_key(rules_.flows(), &key, &key)) {
      ++count;
    }
    return count;
  }

  RuleMaps rules_;
  uint16_t number_ = 0;
};

// As a kernel does that leaves processors to one program each.
bool LoseMembarrier() {
  std::array<sock_filter, 4> program = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

constexpr const char* kRules = R"({"egress":{"default":"deny",
    "deny":[{"to":["10.0.0.9"]}],
    "allow":[{"to":["10.0.0.0/24","fd00::/64"],"ports":["443/tcp","53/udp"]},
             {"to":["10.0.0.0/8"],"icmp":["echo-request"]}]},
    "ingress":{"rules":[{"action":"deny","from":["10.0.0.0/25"],"protocols":["udp"]},
                        {"action":"allow","protocols":["udp"]},
                        {"action":"deny","ports":["1-1023/tcp"]}]}})";

TEST_F(OpenFlowsTest, EachIsJudgedAsTheRulesSay) {
  ASSERT_NO_FATAL_FAILURE(Begin(kRules));
  const NetworkRule rule = Read(kRules);
  size_t denied = 0;
  for (const auto direction : {Direction::kEgress, Direction::kIngress}) {
    for (const char* peer : {"10.0.0.9", "10.0.0.200", "10.9.0.1", "fd00::7", "fd01::7"}) {
      for (const uint16_t port : {53, 443, 1024}) {
        for (const uint8_t protocol : {1, 6, 17, 132}) {
          const NetworkFlow flow{.direction = direction,
                                 .peer = *ParseAddress(peer),
                                 .protocol = protocol,
                                 .port = port,
                                 .icmp_type = 8};
          Add(flow);
          denied +=
              JudgeFlow(rule, flow, [](const auto&, const auto&) { return false; }).allow ? 0 : 1;
        }
      }
    }
  }
  EXPECT_GT(denied, 30U);
  EXPECT_LT(denied, 90U);
  const auto kept = CutFlows(rules_, /*cut=*/false);
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(kept.value().kept, denied);
  EXPECT_EQ(kept.value().cut, 0U);
  EXPECT_EQ(Left(), 120U);
  const auto cut = CutFlows(rules_, /*cut=*/true);
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ(cut.value().cut, denied);
  EXPECT_EQ(cut.value().kept, 0U);
  EXPECT_EQ(Left(), 120U - denied);
}

TEST_F(OpenFlowsTest, WhatHasEndedIsForgottenAndNotCounted) {
  ASSERT_NO_FATAL_FAILURE(Begin(R"({"egress":{"default":"deny"}})"));
  const NetworkFlow tcp{.peer = *ParseAddress("10.0.0.1"), .protocol = 6, .port = 80};
  NetworkFlow udp = tcp;
  udp.protocol = 17;
  const uint64_t long_ago = Now() - RW_HOST_IDLE_NS - 2'000'000'000;
  Add(tcp, long_ago);
  Add(tcp, Now(), /*ended=*/1);
  Add(tcp, Now(), /*ended=*/3);
  Add(udp, long_ago);
  EXPECT_EQ(CutFlows(rules_, /*cut=*/false).value().kept, 2U);
  EXPECT_EQ(CutFlows(rules_, /*cut=*/true).value().cut, 2U);
  EXPECT_EQ(Left(), 0U);
}

TEST_F(OpenFlowsTest, ProgramsOfBeforeHaveEndedWhereTheKernelDoesNotSay) {
  ASSERT_NO_FATAL_FAILURE(Begin(R"({"egress":{"default":"deny"}})"));
  const pid_t child = fork();
  if (child == 0) {
    if (!LoseMembarrier()) _exit(2);
    const auto begun = std::chrono::steady_clock::now();
    if (!CutFlows(rules_, /*cut=*/true).ok()) _exit(3);
    const auto took = std::chrono::steady_clock::now() - begun;
    _exit(took >= std::chrono::milliseconds(50) ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(OpenFlowsTest, AFullTableIsReadWhole) {
  ASSERT_NO_FATAL_FAILURE(Begin(R"({"egress":{"default":"deny"}})"));
  for (uint16_t port = 1; port <= 30'000; ++port) {
    Add({.peer = *ParseAddress("10.0.0.1"), .protocol = 6, .port = port});
  }
  const size_t all = Left();
  EXPECT_GT(all, 25'000U);
  EXPECT_EQ(CutFlows(rules_, /*cut=*/true).value().cut, all);
  EXPECT_EQ(Left(), 0U);
}

}  // namespace
}  // namespace runward
