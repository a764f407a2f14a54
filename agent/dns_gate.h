#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netfilter/plan.h"
#include "policy/address.h"
#include "policy/network_rule.h"

namespace runward {

// What a container's rules make of a name that it asks for.
struct DnsVerdict {
  bool allowed = false;
  bool private_ok = false;            // may have addresses of private networks
  std::vector<const DnsName*> names;  // the rules' names that it fits, whose sets get its addresses
};

// `names` in the order of their rules: the first that fits allows or denies;
// each further one that allows before a denying one has its set filled too. With `default_allow` a
// name that none fits is resolved, for no set. A name that no public DNS can have (IsPrivateName)
// may have private addresses.
DnsVerdict JudgeName(const std::vector<DnsName>& names, bool default_allow, std::string_view name);

// Whether a name that is not allowed is one that is, with a domain behind it that the container's
// resolv.conf has it tried with first ("search"): ten labels of it at most. Were it refused, some
// resolvers (musl's) would not ask for the name itself any more.
bool IsSearched(const std::vector<DnsName>& names, std::string_view name);

// Whether "api.example.com" or "*.example.com" fits; the latter fits names below it, of any depth,
// not itself.
bool FitsName(std::string_view pattern, std::string_view name);

// The addresses that a container was told of, each with the name that it asked for: what its rules
// let through for names, and for how long. Bounded. Seconds of a monotonic clock.
class DnsAddresses {
 public:
  static constexpr size_t kMost = 2048;
  static constexpr uint32_t kLeastSeconds = 30;  // clients use an address a while longer than told
  static constexpr uint32_t kGrace = 10;

  // How long the kernel is to let it through, of a record with that time to live.
  static uint32_t LifeOf(uint32_t ttl);
  // False when there are too many: it must not be let through.
  bool Note(const Address& address, const std::string& name, uint32_t life, int64_t now);
  // The one that was told of last; "" when it was told of for none.
  [[nodiscard]] std::string NameOf(const Address& address) const;
  // Whether it was told of, even if long ago, for a name that one of the patterns fits.
  [[nodiscard]] bool HadName(const Address& address,
                             const std::vector<std::string>& patterns) const;
  [[nodiscard]] size_t size() const { return known_.size(); }

  // Puts those whose time has not ended into the sets that the rules have for their names, so that
  // changed rules begin with them.
  void Fill(const std::vector<DnsName>& names, bool default_allow, int64_t now,
            NetfilterPlan& plan) const;

 private:
  std::map<std::pair<Address, std::string>, int64_t> known_;  // until when
};

}  // namespace runward
