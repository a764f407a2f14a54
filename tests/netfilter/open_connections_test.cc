#include "netfilter/open_connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <set>

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

class OpenConnections : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    Rules(
        "table inet t { chain out { type filter hook output priority 0; ct state new accept\n }\n "
        "}");
  }
  // A datagram over the loopback, which the kernel tracks.
  static void Send(int family, uint16_t port) {
    const UniqueFd sender(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in four{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(0x7f000001)}};
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_loopback;
    const bool v6 = family == AF_INET6;
    const auto* to = v6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
    ASSERT_EQ(sendto(sender.get(), "x", 1, 0, to, v6 ? sizeof six : sizeof four), 1);
  }
  static std::multiset<uint16_t> Ports() {
    std::multiset<uint16_t> ports;
    const auto looked = CutConnections(
        [&ports](const Connection& one) {
          ports.insert(one.destination_port);
          return false;
        },
        false);
    EXPECT_TRUE(looked.ok()) << looked.error().message;
    return ports;
  }
};

TEST_F(OpenConnections, ThoseThatAreDeniedAreForgottenAndNoOthers) {
  for (const int family : {AF_INET, AF_INET6}) {
    Send(family, 1001);
    Send(family, 1002);
  }
  const auto second = [](const Connection& one) { return one.destination_port == 1002; };
  const auto kept = CutConnections(second, /*cut=*/false);
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(kept.value().kept, 2U);
  EXPECT_EQ(Ports(), (std::multiset<uint16_t>{1001, 1001, 1002, 1002}));
  const auto cut = CutConnections(second, /*cut=*/true);
  ASSERT_TRUE(cut.ok()) << cut.error().message;
  EXPECT_EQ(cut.value().cut, 2U);
  EXPECT_EQ(cut.value().kept, 0U);
  EXPECT_EQ(Ports(), (std::multiset<uint16_t>{1001, 1001}));
}

TEST_F(OpenConnections, ManyAreAllFound) {
  constexpr int kMany = 3000;  // more than one message has room for
  for (int i = 0; i < kMany; ++i) Send(AF_INET, static_cast<uint16_t>(2000 + i));
  const auto cut = CutConnections([](const Connection&) { return true; }, /*cut=*/true);
  ASSERT_TRUE(cut.ok()) << cut.error().message;
  EXPECT_EQ(cut.value().cut, static_cast<uint64_t>(kMany));
  EXPECT_TRUE(Ports().empty());
}

}  // namespace
}  // namespace runward
