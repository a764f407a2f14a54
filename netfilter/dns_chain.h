#pragma once

#include <cstdint>
#include <vector>

#include "netfilter/dns_message.h"

namespace runward {

inline constexpr size_t kMaxDnsAliases = 16;
inline constexpr size_t kMaxDnsAddresses = 64;  // of one answer
inline constexpr uint32_t kMaxDnsTtl = 3600;    // seconds

// What may be told of an answer, and let through.
struct DnsResolved {
  std::vector<DnsRecord> records;  // the aliases from the name that was asked for, then addresses
  std::vector<Address> addresses;  // the same addresses, each once
  uint32_t ttl = 0;                // seconds: how long all of it holds
  std::vector<Address> kept_back;  // addresses that the name must not have
};

// Follows the question's name through aliases to the addresses at their end; what else the answer
// holds is dropped. A name with special addresses could be one that an attacker has pointed into
// the private network (DNS rebinding): they are kept back unless `may_be_private`, and those of
// IsLocalAddress always. Times to live are bounded by kMaxDnsTtl, and by the least of the chain.
DnsResolved FollowDns(const DnsQuestion& question, const std::vector<DnsRecord>& records,
                      bool may_be_private);

// Whether no public DNS has the name: it has one label, or ends in a label that is reserved for
// private use (RFC 6761, 6762, 8375; ICANN's "internal").
bool IsPrivateName(std::string_view name);

}  // namespace runward
