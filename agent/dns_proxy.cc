#include "agent/dns_proxy.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/dns_sockets.h"

namespace runward {
namespace {

constexpr size_t kMostAsking = 128;    // questions of one container at a time
constexpr size_t kMostClients = 32;    // over TCP
constexpr int64_t kPatience = 10'000;  // milliseconds, for one of those
constexpr int kTogether = 16;          // datagrams, before others have their turn
constexpr int64_t kBurst = 2000;       // questions of one container, and as many more a second

Address Loopback(bool v6) {
  Address address{.v6 = v6};
  if (v6) address.bytes[15] = 1;
  if (!v6) address.bytes = {127, 0, 0, 1};
  return address;
}

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Where a datagram came from.
struct Origin {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
};

}  // namespace

Result<std::unique_ptr<DnsProxy>> DnsProxy::Open(const AgentDns& ports, LiveSets sets, Rules rules,
                                                 Poller& poller, DnsResolver& host, Calls calls) {
  std::unique_ptr<DnsProxy> proxy(
      new DnsProxy(std::move(sets), std::move(rules), poller, host, std::move(calls)));
  AgentDns& taken = proxy->ports_ = ports;
  TRY(proxy->ListenBoth(/*embedded=*/false, taken.direct));
  TRY(proxy->ListenBoth(/*embedded=*/true, taken.embedded));
  // A kernel without IPv6 sends no questions over it.
  (void)proxy->Listen(Loopback(true), false, false, taken.direct).ok();
  (void)proxy->Listen(Loopback(true), false, true, taken.direct).ok();
  UniqueFd asking = TRY(BindSocket(Loopback(false), ports.source, /*tcp=*/false));
  taken.source = PortOf(asking.get());
  proxy->embedded_ = std::make_unique<EmbeddedResolver>(std::move(asking));
  EmbeddedResolver* embedded = proxy->embedded_.get();
  TRY(poller.Add(embedded->fd(), [embedded] { embedded->Read(); }));
  return proxy;
}

// The same port for both, a free one where none is asked for.
Result<void> DnsProxy::ListenBoth(bool embedded, uint16_t& port) {
  constexpr int kTries = 16;
  const bool any = port == 0;
  for (int tries = 1;; ++tries) {
    TRY(Listen(Loopback(false), embedded, /*tcp=*/false, port));
    Result<void> tcp = Listen(Loopback(false), embedded, /*tcp=*/true, port);
    if (tcp.ok() || !any || tries == kTries) return tcp;
    poller_.Remove(sockets_.back().get());
    sockets_.pop_back();
    port = 0;
  }
}

Result<void> DnsProxy::Listen(const Address& address, bool embedded, bool tcp, uint16_t& port) {
  UniqueFd socket = TRY(BindSocket(address, port, tcp));
  const int fd = socket.get();
  port = PortOf(fd);
  TRY(poller_.Add(fd, [this, fd, embedded, tcp] {
    if (tcp) Accept(fd, embedded);
    if (!tcp) ReadDatagrams(fd, embedded);
  }));
  sockets_.push_back(std::move(socket));
  return {};
}

DnsProxy::~DnsProxy() {
  *self_ = nullptr;
  for (const UniqueFd& socket : sockets_) poller_.Remove(socket.get());
  for (const auto& [fd, client] : clients_) poller_.Remove(fd);
  if (embedded_) poller_.Remove(embedded_->fd());
}

void DnsProxy::ReadDatagrams(int fd, bool embedded) {
  static std::array<uint8_t, kDnsMaxUdp> buffer;
  for (int i = 0; i < kTogether; ++i) {
    Origin from;
    const ssize_t size = recvfrom(fd, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from.storage), &from.size);
    if (size < 0) return;
    if (!Takes()) continue;
    Serve({buffer.data(), static_cast<size_t>(size)}, embedded, /*tcp=*/false,
          [fd, from](const std::string& text) {
            (void)sendto(fd, text.data(), text.size(), MSG_NOSIGNAL,
                         reinterpret_cast<const sockaddr*>(&from.storage), from.size);
          });
  }
}

// What goes beyond is not answered, as on a wire that is full: others wait for this thread, too.
bool DnsProxy::Takes() {
  const int64_t now = MonotonicMilliseconds();
  tokens_ = std::min(kBurst, tokens_ + (now - filled_) * kBurst / 1000);
  filled_ = now;
  if (tokens_ == 0) return false;
  --tokens_;
  return true;
}

void DnsProxy::Accept(int fd, bool embedded) {
  UniqueFd taken(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!taken.valid() || clients_.size() >= kMostClients) return;
  const int number = taken.get();
  if (!poller_.Add(number, [this, number] { ReadClient(number); }).ok()) return;
  Client& client = clients_[number];
  client.fd = std::move(taken);
  client.embedded = embedded;
  client.until = MonotonicMilliseconds() + kPatience;
  client.number = next_client_++;
}

void DnsProxy::DropClient(int fd) {
  poller_.Remove(fd);
  clients_.erase(fd);
}

// One question at a time: the next is read when it is answered.
void DnsProxy::ReadClient(int fd) {
  Client& client = clients_[fd];
  switch (client.stream.Read(fd)) {
    case DnsStream::State::kWaiting:
      return;
    case DnsStream::State::kGone:
      return DropClient(fd);
    case DnsStream::State::kMessage:
      break;
  }
  poller_.Remove(fd);
  const uint64_t number = client.number;
  const std::string message = client.stream.TakeMessage();
  Serve(BytesOf(message), client.embedded, /*tcp=*/true,
        [this, fd, number](const std::string& text) { WriteClient(fd, number, text); });
}

void DnsProxy::WriteClient(int fd, uint64_t number, const std::string& message) {
  const auto found = clients_.find(fd);
  if (found == clients_.end() || found->second.number != number) return;
  if (message.empty()) return DropClient(fd);
  found->second.stream.Put(message);
  FlushClient(fd);
}

void DnsProxy::FlushClient(int fd) {
  const DnsStream::State state = clients_[fd].stream.Write(fd);
  if (state == DnsStream::State::kGone) return DropClient(fd);
  const bool more = state == DnsStream::State::kWaiting;
  const auto polled = poller_.Add(
      fd, [this, fd, more] { more ? FlushClient(fd) : ReadClient(fd); }, /*writing=*/more);
  if (!polled.ok()) DropClient(fd);
}

// What is answered without asking anybody; nullopt when somebody is to be asked.
std::optional<DnsCode> DnsProxy::AnswerHere(const DnsQuestion& question) {
  const std::string& name = question.name;
  if (!JudgeName(rules_.names, rules_.default_allow, name).allowed) {
    if (!rules_.audit && IsSearched(rules_.names, name)) return DnsCode::kNoSuchName;
    calls_.refused({name, "network.dns.name", "the container may not ask for the name"});
    if (!rules_.audit) return DnsCode::kRefused;
  }
  if (question.type != kDnsA && question.type != kDnsAaaa) return DnsCode::kNoError;
  if (asking_ >= kMostAsking) return DnsCode::kServerFailure;
  return std::nullopt;
}

void DnsProxy::Serve(std::span<const uint8_t> message, bool embedded, bool tcp,
                     const Reply& reply) {
  const Result<DnsQuery> parsed = ParseDnsQuery(message);
  if (!parsed.ok()) return reply(DnsFormatErrorFor(message));
  const DnsQuery& query = parsed.value();
  const size_t limit = tcp ? kMaxDnsMessage : query.udp_size;
  const std::string& name = query.question.name;
  if (const auto code = AnswerHere(query.question)) {
    return reply(BuildDnsAnswer(query, *code, {}, limit));
  }
  ++asking_;
  // What answers at 127.0.0.11 the container may be itself: it is believed in names that the
  // Internet does not have alone.
  const bool near = embedded && IsPrivateName(name);
  DnsResolver& resolver = near ? static_cast<DnsResolver&>(*embedded_) : host_;
  resolver.Ask(query.question, tcp,
               [self = self_, query, limit, near, reply](const std::optional<DnsAnswer>& answer) {
                 if (*self == nullptr) return;
                 DnsProxy& proxy = **self;
                 --proxy.asking_;
                 reply(answer ? proxy.Answer(query, limit, near, *answer)
                              : BuildDnsAnswer(query, DnsCode::kServerFailure, {}, limit));
               });
}

// The rules may have changed while it was asked.
std::string DnsProxy::Answer(const DnsQuery& query, size_t limit, bool near,
                             const DnsAnswer& answer) {
  const std::string& name = query.question.name;
  const DnsVerdict verdict = JudgeName(rules_.names, rules_.default_allow, name);
  if (!verdict.allowed && !rules_.audit) {
    return BuildDnsAnswer(query, DnsCode::kRefused, {}, limit);
  }
  if (answer.truncated) return BuildDnsTruncated(query);
  if (answer.code != DnsCode::kNoError) {
    const bool known = answer.code == DnsCode::kNoSuchName;
    return BuildDnsAnswer(query, known ? answer.code : DnsCode::kServerFailure, {}, limit);
  }
  DnsResolved resolved = FollowDns(query.question, answer.records, verdict.private_ok);
  if (near) KeepNear(resolved);
  if (!resolved.kept_back.empty()) {
    calls_.refused({name, "network.dns.private",
                    "the name was resolved to " + FormatAddress(resolved.kept_back.front()) +
                        ", which it may not have: it was kept from the container"});
    if (rules_.audit) return BuildDnsAnswer(query, DnsCode::kNoError, answer.records, limit);
    if (resolved.addresses.empty()) return BuildDnsAnswer(query, DnsCode::kRefused, {}, limit);
  }
  if (!LetThrough(verdict, name, resolved)) {
    return BuildDnsAnswer(query, DnsCode::kServerFailure, {}, limit);
  }
  return BuildDnsAnswer(query, DnsCode::kNoError, resolved.records, limit);
}

// Of what 127.0.0.11 says, addresses in the container's own networks are believed alone.
void DnsProxy::KeepNear(DnsResolved& resolved) const {
  const auto far = [this](const Address& address) { return !calls_.in_own_network(address); };
  std::ranges::copy_if(resolved.addresses, std::back_inserter(resolved.kept_back), far);
  std::erase_if(resolved.addresses, far);
  std::erase_if(resolved.records, [&](const DnsRecord& record) {
    return record.type != kDnsCname && far(record.address);
  });
}

bool DnsProxy::LetThrough(const DnsVerdict& verdict, const std::string& name,
                          const DnsResolved& resolved) {
  const uint32_t life = DnsAddresses::LifeOf(resolved.ttl);
  const int64_t now = MonotonicMilliseconds() / 1000;
  std::vector<TimedAddress> timed;
  for (const Address& address : resolved.addresses) {
    if (!addresses_.Note(address, name, life, now)) {
      calls_.refused({name, "network.dns.full", "the container has asked for too many names"});
      return false;
    }
    timed.push_back({.address = address, .seconds = life});
  }
  if (timed.empty()) return true;
  const bool v6 = timed.front().address.v6;  // a question is about one family
  return std::ranges::all_of(verdict.names, [&](const DnsName* one) {
    const Result<void> added = sets_.Add(v6 ? one->set6 : one->set4, timed);
    if (!added.ok()) calls_.refused({name, "network.dns.set", added.error().message});
    return added.ok();
  });
}

void DnsProxy::Tick(int64_t now) {
  embedded_->Tick(now);
  std::vector<int> late;
  for (const auto& [fd, client] : clients_) {
    if (client.until <= now) late.push_back(fd);
  }
  for (const int fd : late) DropClient(fd);
}

}  // namespace runward
