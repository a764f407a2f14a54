#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netfilter/timed_address.h"
#include "policy/network_rule.h"

namespace runward {

// A container's rules as one table of nftables (nft(8)): what netfilter/encode.h sends to the
// kernel and netfilter/plan_text.h writes in nft's own syntax. Plain data, made by BuildPlan.
//
// Every chain begins with what an allowed conversation needs (the loopback, answers, neighbour
// discovery). A rule of the policy is one rule here for each family and protocol, whatever the
// number of its addresses: those are elements of sets, so that a packet costs the same for one as
// for ten thousand.

enum class Field : uint8_t {
  kOutInterface,
  kFamily,
  kProtocol,
  kSource4,
  kDestination4,
  kSource6,
  kDestination6,
  kInInterface,
  kSourcePort,
  kDestinationPort,
  kIcmpType,
  kIcmp6Type,
  kTcpFlags,
  kConnectionState,
  kCgroup,
};

// Compares a field; `value` as it is in the packet, or in the kernel's own order for what is none
// of a packet's.
struct PlanMatch {
  enum class How : uint8_t { kEqual, kRange, kInSet, kNotMasked };
  Field field = Field::kProtocol;
  How how = How::kEqual;
  std::vector<uint8_t> value = {};
  std::vector<uint8_t> other = {};  // the range's end, or the mask
  std::string set = {};
  std::string text;    // the whole of it, in nft's syntax
  uint32_t level = 0;  // of kCgroup
};
struct PlanLimit {
  RateLimit rate;
};
struct PlanLog {
  std::string prefix;
  uint16_t group = 0;
};
struct PlanCounter {};
struct PlanMark {
  uint32_t mark = 0;
};
struct PlanRedirect {
  uint16_t port = 0;
};
struct PlanVerdict {
  enum class What : uint8_t { kAccept, kDrop, kJump, kReturn };
  What what = What::kAccept;
  std::string chain = {};
};
using PlanPart =
    std::variant<PlanMatch, PlanLimit, PlanLog, PlanCounter, PlanMark, PlanRedirect, PlanVerdict>;
using PlanRule = std::vector<PlanPart>;

enum class SetKind : uint8_t { kIpv4, kIpv6, kPort, kIcmp, kIcmp6 };

struct PlanSet {
  std::string name;
  SetKind kind = SetKind::kIpv4;
  bool timed = false;                     // filled by who resolves names; its elements expire
  bool live = false;                      // filled by who knows which containers run (peers/)
  std::vector<AddressRange> ranges = {};  // of addresses
  std::vector<PortRange> numbers = {};    // of ports or types
  std::vector<TimedAddress> names = {};   // of a timed or live one: what it begins with
};

// Whether its elements are ranges; ICMP's types and addresses that come and go are single ones.
inline bool IsInterval(const PlanSet& set) {
  return !set.timed && !set.live && set.kind != SetKind::kIcmp && set.kind != SetKind::kIcmp6;
}

// How much of a packet a log rule tells, and how many wait for one another.
inline constexpr uint32_t kLogBytes = 128;
inline constexpr uint16_t kLogQueue = 32;

enum class HookPoint : uint8_t { kInput = 1, kForward = 2, kOutput = 3 };  // as NF_INET_*

struct PlanHook {
  bool nat = false;
  HookPoint point = HookPoint::kOutput;
  int priority = 0;
};

struct PlanChain {
  std::string name;
  std::optional<PlanHook> hook = {};  // none: reached by a jump
  std::vector<PlanRule> rules = {};
};

struct NetfilterPlan {
  std::string table;
  std::vector<PlanSet> sets = {};
  std::vector<PlanChain> chains = {};
};

// Where the agent listens in the container's network namespace, on its loopback: `direct` gets what
// is sent to any resolver, `embedded` what is sent to 127.0.0.11, which Docker answers itself; the
// agent asks that one from port `source`.
struct DnsPorts {
  uint16_t embedded = 0;
  uint16_t direct = 0;
  uint16_t source = 0;
};

// One of several containers in a network namespace, told by its control group.
struct CgroupScope {
  uint64_t id = 0;     // the inode of its directory
  uint32_t level = 0;  // how deep it lies below the root of control groups
  std::string path;    // from there, without a '/' in front
};

struct PlanFor {
  std::string key;  // the record's
  bool audit = false;
  std::optional<DnsPorts> dns = {};
  std::optional<CgroupScope> cgroup = {};
};

NetfilterPlan BuildPlan(const NetworkRule& rule, const PlanFor& container);

// A name of a rule of egress, and the sets of its table that take the addresses.
struct DnsName {
  std::string pattern;
  bool allow = false;
  std::string set4;
  std::string set6;
  bool private_ok = false;
};
// In the order in which the rules are looked at.
std::vector<DnsName> DnsNames(const NetworkRule& rule);

}  // namespace runward
