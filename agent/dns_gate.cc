#include "agent/dns_gate.h"

#include <algorithm>

#include "netfilter/dns_chain.h"
#include "netfilter/names.h"
#include "netfilter/special_address.h"

namespace runward {
namespace {

// An address that two names have stays as long as the longer of them.
void PutLongest(const TimedAddress& one, std::vector<TimedAddress>& all) {
  const auto same = std::ranges::find(all, one.address, &TimedAddress::address);
  if (same == all.end()) {
    all.push_back(one);
  } else {
    same->seconds = std::max(same->seconds, one.seconds);
  }
}

}  // namespace

bool FitsName(std::string_view pattern, std::string_view name) {
  if (!pattern.starts_with("*")) return pattern == name;
  pattern.remove_prefix(1);
  return name.size() > pattern.size() && name.ends_with(pattern);
}

DnsVerdict JudgeName(const std::vector<DnsName>& names, bool default_allow, std::string_view name) {
  DnsVerdict verdict{.private_ok = IsPrivateName(name)};
  bool denied = false;
  for (const DnsName& one : names) {
    if (!FitsName(one.pattern, name)) continue;
    denied = !one.allow;
    if (denied) break;
    verdict.names.push_back(&one);
    verdict.private_ok |= one.private_ok;
  }
  verdict.allowed = !verdict.names.empty() || (default_allow && !denied);
  return verdict;
}

bool IsSearched(const std::vector<DnsName>& names, std::string_view name) {
  constexpr int kMostLabels = 10;
  for (int labels = 0; labels < kMostLabels; ++labels) {
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return false;
    name = name.substr(0, dot);
    if (JudgeName(names, /*default_allow=*/false, name).allowed) return true;
  }
  return false;
}

uint32_t DnsAddresses::LifeOf(uint32_t ttl) {
  return std::clamp(ttl, kLeastSeconds, kMaxDnsTtl) + kGrace;
}

bool DnsAddresses::Note(const Address& address, const std::string& name, uint32_t life,
                        int64_t now) {
  const std::pair<Address, std::string> one(address, name);
  if (known_.size() >= kMost && !known_.contains(one)) {
    std::erase_if(known_, [now](const auto& known) { return known.second <= now; });
    if (known_.size() >= kMost) return false;
  }
  int64_t& until = known_[one];
  until = std::max(until, now + life);
  return true;
}

std::string DnsAddresses::NameOf(const Address& address) const {
  std::string name;
  int64_t latest = 0;
  for (auto one = known_.lower_bound({address, ""});
       one != known_.end() && one->first.first == address; ++one) {
    if (one->second < latest) continue;
    latest = one->second;
    name = one->first.second;
  }
  return name;
}

bool DnsAddresses::HadName(const Address& address, const std::vector<std::string>& patterns) const {
  for (auto one = known_.lower_bound({address, ""});
       one != known_.end() && one->first.first == address; ++one) {
    const std::string& name = one->first.second;
    if (std::ranges::any_of(patterns, [&](const auto& fits) { return FitsName(fits, name); })) {
      return true;
    }
  }
  return false;
}

void DnsAddresses::Fill(const std::vector<DnsName>& names, bool default_allow, int64_t now,
                        NetfilterPlan& plan) const {
  for (const auto& [one, until] : known_) {
    const auto& [address, name] = one;
    const DnsVerdict verdict = JudgeName(names, default_allow, name);
    if (until <= now || (!verdict.private_ok && IsSpecialAddress(address))) continue;
    const TimedAddress element{.address = address, .seconds = static_cast<uint32_t>(until - now)};
    for (const DnsName* rule : verdict.names) {
      const std::string& set = address.v6 ? rule->set6 : rule->set4;
      const auto found = std::ranges::find(plan.sets, set, &PlanSet::name);
      if (found != plan.sets.end()) PutLongest(element, found->names);
    }
  }
}

}  // namespace runward
