#include "agent/dns_resolver.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

std::string Servers(std::string_view text) {
  std::string all;
  for (const Address& one : NameServersIn(text)) all += FormatAddress(one) + " ";
  return all;
}

TEST(DnsResolverTest, ReadsTheServersOfResolvConf) {
  EXPECT_EQ(Servers("# nameserver 192.0.2.9\nsearch a\nnameserver 192.0.2.1\n"
                    "nameserver\t2001:db8::1 # two\r\nnameserver 192.0.2.3"),
            "192.0.2.1 2001:db8::1 192.0.2.3 ");
}

TEST(DnsResolverTest, TakesThreeAtMostAndNothingElse) {
  EXPECT_EQ(Servers("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
                    "nameserver 192.0.2.4\n"),
            "192.0.2.1 192.0.2.2 192.0.2.3 ");
  EXPECT_EQ(Servers("nameserver\nnameservers 192.0.2.1\nnameserver192.0.2.1\nnameserver x\n"), "");
  EXPECT_EQ(Servers(""), "");
}

}  // namespace
}  // namespace runward
