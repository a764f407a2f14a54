#include "netfilter/interface_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/fd.h"
#include "netfilter/special_address.h"

namespace runward {
namespace {

std::optional<Address> AddressOf(const sockaddr* given) {
  if (given == nullptr) return std::nullopt;
  if (given->sa_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(given);
    return AddressOfBytes({reinterpret_cast<const uint8_t*>(&four->sin_addr), 4});
  }
  if (given->sa_family != AF_INET6) return std::nullopt;
  const auto* six = reinterpret_cast<const sockaddr_in6*>(given);
  return AddressOfBytes({six->sin6_addr.s6_addr, 16});
}

Address Masked(const Address& address, const Address& mask) {
  Address masked = address;
  for (size_t i = 0; i < address.size(); ++i) masked.bytes.at(i) &= mask.bytes.at(i);
  return masked;
}

}  // namespace

Result<InterfaceAddresses> InterfaceAddresses::Read() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return ErrnoError("read a network's addresses", errno);
  const CHandle<ifaddrs, freeifaddrs> owned(list);
  InterfaceAddresses read;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    const auto address = AddressOf(one->ifa_addr);
    const auto mask = AddressOf(one->ifa_netmask);
    if (!address || !mask || mask->v6 != address->v6) continue;
    read.all_.push_back(
        {.address = *address, .mask = *mask, .loopback = (one->ifa_flags & IFF_LOOPBACK) != 0});
  }
  return read;
}

bool InterfaceAddresses::Has(const Address& address) const {
  if (!address.v6 && address.bytes[0] == 127) return true;
  return std::ranges::any_of(all_, [&](const One& one) { return one.address == address; });
}

std::vector<Address> InterfaceAddresses::Reachable() const {
  std::vector<Address> addresses;
  for (const One& one : all_) {
    if (!one.loopback) addresses.push_back(one.address);
  }
  return addresses;
}

bool InterfaceAddresses::Near(const Address& address) const {
  return std::ranges::any_of(all_, [&](const One& one) {
    return !one.loopback && one.address.v6 == address.v6 &&
           Masked(one.address, one.mask) == Masked(address, one.mask);
  });
}

}  // namespace runward
