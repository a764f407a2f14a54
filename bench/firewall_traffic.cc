// What packets cost under network rules, between two network namespaces: CPU of a connection
// without rules and with 10,000 prefixes, taking turns; one address more in a set of 10,000; and
// packets that are denied and logged, as fast as they can be sent, with what the reader lost.
//
// Usage: bench_firewall_traffic [ROUNDS]      as root
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "netfilter/install.h"
#include "netfilter/live_set.h"
#include "netfilter/names.h"
#include "netfilter/nflog.h"
#include "netfilter/plan_parts.h"
#include "netfilter/read_rules.h"

namespace runward {
namespace {

const std::string kKey(64, '0');
constexpr const char* kPeer = "10.99.0.2";
constexpr uint16_t kPort = 4000;

double Seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// That a process has used, its own and the kernel's for it.
double CpuSeconds(pid_t pid) {
  clockid_t clock = 0;
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) != 0) return 0;
  clock_gettime(clock, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

bool Run(const std::string& command) {
  return std::system(("PATH=/usr/sbin:/usr/bin:/sbin:/bin; " + command).c_str()) == 0;  // NOLINT
}

sockaddr_in PeerAt(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, kPeer, &address.sin_addr);
  return address;
}

// Answers a question with a kilobyte and closes, for ever.
[[noreturn]] void Serve() {
  const UniqueFd server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(kPort);
  const int on = 1;
  setsockopt(server.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(server.get(), reinterpret_cast<sockaddr*>(&any), sizeof any) != 0) _exit(1);
  if (listen(server.get(), 128) != 0) _exit(1);
  while (true) {
    const UniqueFd client(accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 1000> text{};
    (void)!read(client.get(), text.data(), text.size());
    (void)!write(client.get(), text.data(), text.size());
  }
}

// The peer's network namespace, behind a cable; the process that serves in it.
pid_t MakePeer() {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return -1;
  const pid_t peer = fork();
  if (peer == 0) {
    if (unshare(CLONE_NEWNET) != 0) _exit(1);
    char word = 0;
    while (access("/sys/class/net", F_OK) != 0) usleep(1000);
    (void)!read(ready[0], &word, 1);
    Serve();
  }
  usleep(100'000);
  const std::string pid = std::to_string(peer);
  const std::string inside = "nsenter -t " + pid + " -n ip ";
  const bool made =
      Run("ip link add v0 type veth peer name v1 netns " + pid +
          " && ip addr add 10.99.0.1/24 dev v0 && ip link set v0 up && ip link set lo up && " +
          inside + "addr add 10.99.0.2/24 dev v1 && " + inside + "link set v1 up");
  if (!made || write(ready[1], "x", 1) != 1) return -1;
  usleep(200'000);
  return peer;
}

// CPU of `count` connections with a question and an answer, of both ends, in microseconds each.
double Connections(int count, pid_t other) {
  const sockaddr_in peer = PeerAt(kPort);
  const double before = CpuSeconds(0) + CpuSeconds(other);
  for (int i = 0; i < count; ++i) {
    const UniqueFd one(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(one.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) return -1;
    std::array<char, 1000> text{};
    (void)!write(one.get(), text.data(), 100);
    while (read(one.get(), text.data(), text.size()) > 0) continue;
  }
  return (CpuSeconds(0) + CpuSeconds(other) - before) * 1e6 / count;
}

NetfilterPlan PlanOf(const std::string& egress) {
  const auto document = JsonDocument::Parse(R"({"egress":)" + egress + "}");
  return BuildPlan(ReadNetworkRule(document.value().root(), {}), {.key = kKey});
}

std::string TenThousandPrefixes() {
  std::string list;
  for (int i = 0; i < 10000; ++i) {
    list += "\"" + std::to_string(20 + i / 5000) + "." + std::to_string(i / 40 % 125 * 2) + "." +
            std::to_string(i % 40 * 2) + ".0/24\",";
  }
  return R"({"default":"deny","allow":[{"to":[)" + list + R"("10.99.0.0/24"]}]})";
}

// What following connections costs by itself.
NetfilterPlan OnlyTracking() {
  constexpr uint32_t kEstablished = 2;
  const auto chain = [](const char* name, HookPoint point) {
    return PlanChain{.name = name,
                     .hook = PlanHook{.point = point},
                     .rules = {{MatchState("established", kEstablished), Accept()}}};
  };
  return {.table = TableName(kKey),
          .chains = {chain("output", HookPoint::kOutput), chain("input", HookPoint::kInput)}};
}

void CompareConnections(nl_sock* socket, pid_t peer, int rounds) {
  constexpr int kTogether = 1500;
  const std::vector<NetfilterPlan> plans = {
      OnlyTracking(), PlanOf(R"({"default":"deny","allow":[{"to":["10.99.0.0/24"]}]})"),
      PlanOf(TenThousandPrefixes())};
  std::vector<double> none;
  std::vector<std::vector<double>> with(plans.size());
  (void)Connections(kTogether, peer);
  for (int i = 0; i < rounds; ++i) {
    none.push_back(Connections(kTogether, peer));
    for (size_t plan = 0; plan < plans.size(); ++plan) {
      if (!InstallPlanBy(socket, plans[plan]).ok()) return;
      with[plan].push_back(Connections(kTogether, peer));
      Run("nft delete table inet " + TableName(kKey));
    }
  }
  const double bare = Median(none);
  std::printf("CPU of a connection   no rules %.2f us", bare);
  for (size_t plan = 0; plan < plans.size(); ++plan) {
    constexpr std::array<const char*, 3> kNames = {"tracked", "one prefix", "10,000 prefixes"};
    const double taken = Median(with[plan]);
    std::printf("   %s %.2f us (%.2f)", kNames.at(plan), taken, taken / bare);
  }
  std::printf("\n");
}

void AddOne(nl_sock* socket, int rounds) {
  NetfilterPlan plan = PlanOf(R"({"default":"deny"})");
  plan.sets.push_back({.name = "live", .kind = SetKind::kIpv4, .timed = true});
  if (!InstallPlanBy(socket, plan).ok()) return;
  auto sets = LiveSets::Open(plan.table);
  if (!sets.ok()) return;
  const auto address = [](int number) {
    return TimedAddress{*AddressOfBytes(std::vector<uint8_t>{30, static_cast<uint8_t>(number >> 16),
                                                             static_cast<uint8_t>(number >> 8),
                                                             static_cast<uint8_t>(number)}),
                        3600};
  };
  std::vector<TimedAddress> all;
  all.reserve(10000);
  for (int i = 0; i < 10000; ++i) all.push_back(address(i));
  if (!sets.value().Add("live", all).ok()) return;
  std::vector<double> taken;
  for (int i = 0; i < rounds * 20; ++i) {
    const std::vector<TimedAddress> one = {address(20000 + i)};
    const double start = Seconds();
    if (!sets.value().Add("live", one).ok()) return;
    taken.push_back((Seconds() - start) * 1000);
  }
  std::printf("one address more in a live set of 10,000   %.3f ms\n", Median(taken));
}

void Flood(nl_sock* socket) {
  constexpr int kPackets = 1'000'000;
  if (!InstallPlanBy(socket, PlanOf(R"({"default":"deny"})")).ok()) return;
  auto reader = NflogReader::Open(LogGroup(kKey));
  if (!reader.ok()) return;
  std::atomic<bool> ended = false;
  uint64_t seen = 0;
  std::thread reading([&] {
    while (true) {
      const bool last = ended;
      (void)reader.value().Read(100'000, [&](const NflogPacket&) { ++seen; }).ok();
      if (last) break;
      usleep(2000);
    }
  });
  const sockaddr_in peer = PeerAt(9);
  const UniqueFd one(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const double start = Seconds();
  for (int i = 0; i < kPackets; ++i) {
    (void)!sendto(one.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  }
  const double taken = Seconds() - start;
  usleep(300'000);
  ended = true;
  reading.join();
  uint64_t counted = 0;
  const auto denied = ReadDenied(socket, TableName(kKey));
  if (denied.ok()) {
    for (const DeniedCount& count : denied.value()) counted += count.packets;
  }
  std::printf(
      "denied packets   %.0f a second   sent %d, counted %llu, logged and read %llu, lost %llu\n",
      kPackets / taken, kPackets, static_cast<unsigned long long>(counted),
      static_cast<unsigned long long>(seen),
      static_cast<unsigned long long>(reader.value().lost()));
}

int Bench(int rounds) {
  if (unshare(CLONE_NEWNET) != 0) {
    std::fprintf(stderr, "bench_firewall_traffic: needs root\n");
    return 1;
  }
  auto socket = OpenNetfilter();
  const pid_t peer = MakePeer();
  if (!socket.ok() || peer < 0) return 1;
  CompareConnections(socket.value().get(), peer, rounds);
  AddOne(socket.value().get(), rounds);
  Flood(socket.value().get());
  kill(peer, SIGKILL);
  waitpid(peer, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace runward

// NOLINTNEXTLINE(bugprone-exception-escape): one ends the benchmark, as it should.
int main(int argc, char** argv) {
  return runward::Bench(
      static_cast<int>(argc > 1 ? std::max(1L, std::strtol(argv[1], nullptr, 10)) : 15L));
}
