#include "netfilter/nflog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <map>
#include <vector>

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

struct Seen {
  std::string prefix;
  PacketView packet;
};

class Nflog : public NamespaceTest {
 protected:
  static UniqueFd Socket(int family) {
    return UniqueFd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  }
  // Datagrams to a port of the loopback.
  static void Send(int fd, int family, uint16_t port, int count = 1) {
    sockaddr_in four{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(0x7f000001)}};
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_loopback;
    const auto* to =
        family == AF_INET ? reinterpret_cast<sockaddr*>(&four) : reinterpret_cast<sockaddr*>(&six);
    const socklen_t size = family == AF_INET ? sizeof four : sizeof six;
    for (int i = 0; i < count; ++i) (void)sendto(fd, "x", 1, 0, to, size);
  }
  // All that comes until nothing has come for half a second.
  static std::vector<Seen> ReadAll(NflogReader& reader) {
    std::vector<Seen> all;
    for (int rounds = 0; rounds < 1000; ++rounds) {
      pollfd wait{.fd = reader.fd(), .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, 500) <= 0) break;
      const auto read = reader.Read(1 << 20, [&](const NflogPacket& one) {
        all.push_back({std::string(one.prefix), one.packet});
      });
      if (!read.ok()) ADD_FAILURE() << read.error().message;
    }
    return all;
  }
  static void LogAndDrop() {
    Rules(R"(table inet t { chain out { type filter hook output priority 0;
      udp dport 1000-2000 log group 7 prefix "rw:d:e:0" drop
      meta l4proto { icmp, ipv6-icmp } log group 7 prefix "rw:w:e:1"
      }
      })");
  }
};

TEST_F(Nflog, TellsWhatARuleLogged) {
  auto reader = NflogReader::Open(7);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  LogAndDrop();
  Send(Socket(AF_INET).get(), AF_INET, 1234);
  Send(Socket(AF_INET6).get(), AF_INET6, 1235);
  const auto all = ReadAll(reader.value());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].prefix, "rw:d:e:0");
  EXPECT_EQ(FormatAddress(all[0].packet.destination), "127.0.0.1");
  EXPECT_EQ(all[0].packet.destination_port, 1234);
  EXPECT_EQ(all[0].packet.protocol, IPPROTO_UDP);
  EXPECT_EQ(all[0].packet.size, 29U);
  EXPECT_EQ(FormatAddress(all[1].packet.destination), "::1");
  EXPECT_EQ(all[1].packet.destination_port, 1235);
  EXPECT_EQ(reader.value().lost(), 0U);
}

TEST_F(Nflog, LosesNoneOfAFloodThatFits) {
  auto reader = NflogReader::Open(7);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  LogAndDrop();
  const UniqueFd socket = Socket(AF_INET);
  Send(socket.get(), AF_INET, 1500, 5000);
  EXPECT_EQ(ReadAll(reader.value()).size(), 5000U);
  EXPECT_EQ(reader.value().lost(), 0U);
}

TEST_F(Nflog, CountsExactlyWhatAReaderThatSleptHasLost) {
  constexpr int kSent = 400'000;
  auto reader = NflogReader::Open(7);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  LogAndDrop();
  const UniqueFd socket = Socket(AF_INET);
  Send(socket.get(), AF_INET, 1500, kSent);  // more than the queue holds
  size_t read = ReadAll(reader.value()).size();
  Send(socket.get(), AF_INET, 1500, 1);  // the gap shows with what follows it
  read += ReadAll(reader.value()).size();
  EXPECT_GT(reader.value().lost(), 0U);
  EXPECT_EQ(read + reader.value().lost(), kSent + 1U);
}

TEST_F(Nflog, AGroupHasOneReader) {
  const auto first = NflogReader::Open(7);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto second = NflogReader::Open(7);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find("group 7"), std::string::npos) << second.error().message;
  EXPECT_TRUE(NflogReader::Open(8).ok());
}

}  // namespace
}  // namespace runward
