#include "netfilter/dns_chain.h"

#include <algorithm>
#include <array>

namespace runward {
namespace {

const DnsRecord* AliasOf(const std::vector<DnsRecord>& records, const std::string& name) {
  const auto found = std::ranges::find_if(
      records, [&](const DnsRecord& one) { return one.type == kDnsCname && one.name == name; });
  return found == records.end() ? nullptr : &*found;
}

void TakeAddress(DnsResolved& resolved, const DnsRecord& record, bool may_be_private) {
  const Address& address = record.address;
  if (IsLocalAddress(address) || (!may_be_private && IsSpecialAddress(address))) {
    resolved.kept_back.push_back(address);
    return;
  }
  const bool known = std::ranges::find(resolved.addresses, address) != resolved.addresses.end();
  if (known || resolved.addresses.size() >= kMaxDnsAddresses) return;
  resolved.addresses.push_back(address);
  resolved.records.push_back(record);
}

}  // namespace

DnsResolved FollowDns(const DnsQuestion& question, const std::vector<DnsRecord>& records,
                      bool may_be_private) {
  DnsResolved resolved;
  std::string name = question.name;
  for (size_t hops = 0; hops < kMaxDnsAliases; ++hops) {
    const DnsRecord* alias = AliasOf(records, name);
    if (alias == nullptr) break;
    resolved.records.push_back(*alias);
    name = alias->target;
  }
  for (const DnsRecord& record : records) {
    if (record.type != question.type || record.type == kDnsCname || record.name != name) continue;
    TakeAddress(resolved, record, may_be_private);
  }
  resolved.ttl = kMaxDnsTtl;
  for (const DnsRecord& record : resolved.records) {
    resolved.ttl = std::min(resolved.ttl, record.ttl);
  }
  for (DnsRecord& record : resolved.records) record.ttl = resolved.ttl;
  return resolved;
}

bool IsPrivateName(std::string_view name) {
  constexpr std::array<std::string_view, 6> kPrivate = {".home.arpa", ".internal",  ".intranet",
                                                        ".local",     ".localhost", ".test"};
  if (name.find('.') == std::string_view::npos) return true;
  return std::ranges::any_of(kPrivate, [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace runward
