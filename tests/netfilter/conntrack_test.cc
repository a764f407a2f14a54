#include "netfilter/conntrack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <vector>

#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

class Conntrack : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    Rules(
        "table inet t { chain out { type filter hook output priority 0; ct state new ct mark set "
        "0x10002\n }\n }");
  }
  static std::vector<Connection> ReadAll(ConntrackReader& reader) {
    std::vector<Connection> all;
    for (int rounds = 0; rounds < 100; ++rounds) {
      pollfd wait{.fd = reader.fd(), .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, 300) <= 0) break;
      EXPECT_TRUE(reader.Read(1000, [&](const Connection& one) { all.push_back(one); }).ok());
    }
    return all;
  }
  // A TCP connection over the loopback on which `bytes` were sent, whose ends are held.
  struct Pair {
    UniqueFd client;
    UniqueFd server;
  };
  static Pair Connect(uint16_t port, size_t bytes) {
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    (void)setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in at{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(0x7f000001)}};
    EXPECT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    Pair pair{UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), {}};
    EXPECT_EQ(connect(pair.client.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    pair.server = UniqueFd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::string text(bytes, 'x');
    EXPECT_EQ(send(pair.client.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    std::string got(bytes, 0);
    EXPECT_EQ(recv(pair.server.get(), got.data(), got.size(), MSG_WAITALL),
              static_cast<ssize_t>(got.size()));
    return pair;
  }
};

TEST_F(Conntrack, TellsOfABeginning) {
  auto reader = ConntrackReader::Open();
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const Pair pair = Connect(4001, 10);
  const auto all = ReadAll(reader.value());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all[0].ended);
  EXPECT_EQ(all[0].protocol, IPPROTO_TCP);
  EXPECT_EQ(FormatAddress(all[0].destination), "127.0.0.1");
  EXPECT_EQ(all[0].answers_from, all[0].destination);
  EXPECT_EQ(all[0].destination_port, 4001);
  EXPECT_EQ(all[0].mark, 0x10002U);
}

TEST_F(Conntrack, CountsTheBytesOfOneThatEnds) {
  auto reader = ConntrackReader::Open();
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  // An end comes at once when the entry times out: shorten that.
  ASSERT_EQ(Run("echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait"), 0);
  ASSERT_EQ(Run("echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close"), 0);
  {
    const Pair pair = Connect(4002, 5000);
    const linger now{.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(pair.client.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  std::vector<Connection> ended;
  for (int tries = 0; tries < 40 && ended.empty(); ++tries) {
    Run("cat /proc/net/nf_conntrack >/dev/null 2>&1");  // collects what has timed out
    (void)reader.value().ReadOpen(100, [](const Connection&) {});
    for (const Connection& one : ReadAll(reader.value())) {
      if (one.ended) ended.push_back(one);
    }
  }
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_GE(ended[0].bytes_sent, 5000U);
  EXPECT_LT(ended[0].bytes_sent, 6000U);
  EXPECT_GT(ended[0].bytes_received, 0U);
  EXPECT_LT(ended[0].bytes_received, 1000U);
}

TEST_F(Conntrack, ReadsThoseThatAreOpen) {
  auto reader = ConntrackReader::Open();
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  const Pair pair = Connect(4003, 700);
  std::vector<Connection> open;
  const auto read =
      reader.value().ReadOpen(100, [&](const Connection& one) { open.push_back(one); });
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(open.size(), 1U);
  EXPECT_FALSE(open[0].ended);
  EXPECT_GE(open[0].bytes_sent, 700U);
  EXPECT_EQ(open[0].destination_port, 4003);
}

TEST(ConntrackMessage, RefusesWhatIsNone) {
  EXPECT_FALSE(ViewConnection({}));
  alignas(4) const std::array<uint8_t, 16> noise{0xff, 0xff, 0xff, 0xff};
  EXPECT_FALSE(ViewConnection(noise));
}

}  // namespace
}  // namespace runward
