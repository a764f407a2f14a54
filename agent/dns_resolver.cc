#include "agent/dns_resolver.h"

#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "agent/dns_sockets.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr size_t kMostAsked = 1024;
constexpr size_t kMostServers = 3;
constexpr int64_t kPatience = 2000;  // milliseconds, a server
constexpr size_t kConfigBytes = 64 << 10;

uint16_t RandomId() {
  uint16_t id = 0;
  (void)!getrandom(&id, sizeof id, 0);
  return id;
}

bool Answers(const DnsAnswer& answer, uint16_t id, const DnsQuestion& question) {
  return answer.id == id && answer.question.type == question.type &&
         answer.question.name == question.name;
}

sockaddr_in Docker() {
  sockaddr_in docker{};
  docker.sin_family = AF_INET;
  docker.sin_port = htons(kDnsPort);
  docker.sin_addr.s_addr = htonl(0x7f00000b);  // 127.0.0.11
  return docker;
}

std::optional<DnsAnswer> Parsed(std::string_view message) {
  auto answer = ParseDnsAnswer({reinterpret_cast<const uint8_t*>(message.data()), message.size()});
  if (!answer.ok()) return std::nullopt;
  return std::move(answer).value();
}

}  // namespace

int64_t MonotonicMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

std::vector<Address> NameServersIn(std::string_view text) {
  constexpr std::string_view kWord = "nameserver";
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<Address> servers;
  while (!text.empty() && servers.size() < kMostServers) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(kWord)) continue;
    line.remove_prefix(kWord.size());
    const size_t start = line.find_first_not_of(kBlanks);
    if (start == 0 || start == std::string_view::npos) continue;
    line = line.substr(start);
    const auto server = ParseAddress(line.substr(0, line.find_first_of(kBlanks)));
    if (server) servers.push_back(*server);
  }
  return servers;
}

HostResolver::~HostResolver() {
  for (const auto& [fd, asked] : asked_) poller_.Remove(fd);
}

const std::vector<Address>& HostResolver::Servers() {
  struct stat info {};
  if (stat(config_.c_str(), &info) != 0) return servers_;
  const int64_t time = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
  if (time == config_time_) return servers_;
  const Result<std::string> text = ReadFileCapped(config_, kConfigBytes, Trust::kAnyone);
  if (!text.ok()) return servers_;
  config_time_ = time;
  servers_ = NameServersIn(text.value());
  return servers_;
}

void HostResolver::Ask(const DnsQuestion& question, bool tcp, Done done) {
  Asked asked{.question = question, .tcp = tcp, .done = std::move(done)};
  if (asked_.size() >= kMostAsked) return asked.done(std::nullopt);
  Next(std::move(asked));
}

// Asks the server whose turn it is, or the one after.
void HostResolver::Next(Asked asked) {
  const std::vector<Address>& servers = Servers();
  for (; asked.server < servers.size(); ++asked.server) {
    auto fd = ConnectSocket(servers[asked.server], kDnsPort, asked.tcp);
    if (!fd.ok()) continue;
    asked.fd = std::move(fd).value();
    asked.id = RandomId();
    asked.until = MonotonicMilliseconds() + kPatience;
    asked.stream = DnsStream();
    if (!Send(asked)) continue;
    const int number = asked.fd.get();
    asked_[number] = std::move(asked);
    return;
  }
  asked.done(std::nullopt);
}

bool HostResolver::Send(Asked& asked) {
  const std::string query = BuildDnsQuery(asked.id, asked.question);
  const int fd = asked.fd.get();
  if (asked.tcp) {
    asked.stream.Put(query);
    return poller_
        .Add(
            fd, [this, fd] { Connected(fd); }, /*writing=*/true)
        .ok();
  }
  return send(fd, query.data(), query.size(), MSG_NOSIGNAL) > 0 &&
         poller_.Add(fd, [this, fd] { Read(fd); }).ok();
}

void HostResolver::Connected(int fd) {
  switch (asked_[fd].stream.Write(fd)) {
    case DnsStream::State::kMessage:
      (void)poller_.Add(fd, [this, fd] { Read(fd); }).ok();
      break;
    case DnsStream::State::kGone:
      Settle(fd, std::nullopt);
      break;
    case DnsStream::State::kWaiting:
      break;
  }
}

void HostResolver::Read(int fd) {
  Asked& asked = asked_[fd];
  if (asked.tcp) {
    const DnsStream::State state = asked.stream.Read(fd);
    if (state == DnsStream::State::kWaiting) return;
    std::optional<DnsAnswer> answer;
    if (state == DnsStream::State::kMessage) answer = Parsed(asked.stream.TakeMessage());
    if (answer && !Answers(*answer, asked.id, asked.question)) answer.reset();
    return Settle(fd, answer);
  }
  static std::array<char, kDnsMaxUdp> buffer;
  const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return Settle(fd, std::nullopt);  // nobody is there
  const auto answer = Parsed({buffer.data(), static_cast<size_t>(size)});
  // What does not answer the question is somebody else's guess: the right one may follow.
  if (!answer || !Answers(*answer, asked.id, asked.question)) return;
  Settle(fd, answer);
}

// A server that fails is not the last word while there is another.
void HostResolver::Settle(int fd, const std::optional<DnsAnswer>& answer) {
  auto node = asked_.extract(fd);
  poller_.Remove(fd);
  Asked& asked = node.mapped();
  const bool failed = !answer || answer->code == DnsCode::kServerFailure;
  if (failed && ++asked.server < Servers().size()) return Next(std::move(asked));
  asked.done(answer);
}

void HostResolver::Tick(int64_t now) {
  std::vector<int> late;
  for (const auto& [fd, asked] : asked_) {
    if (asked.until <= now) late.push_back(fd);
  }
  for (const int fd : late) Settle(fd, std::nullopt);
}

void EmbeddedResolver::Ask(const DnsQuestion& question, bool /*tcp*/, Done done) {
  uint16_t id = RandomId();
  while (asked_.contains(id)) ++id;
  const std::string query = BuildDnsQuery(id, question);
  const sockaddr_in to = Docker();
  if (asked_.size() >= kMostAsked ||
      sendto(socket_.get(), query.data(), query.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&to), sizeof to) <= 0) {
    return done(std::nullopt);
  }
  asked_[id] = {question, MonotonicMilliseconds() + 2 * kPatience, std::move(done)};
}

void EmbeddedResolver::Read() {
  static std::array<char, kDnsMaxUdp> buffer;
  sockaddr_in from{};
  socklen_t room = sizeof from;
  const ssize_t size = recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                                reinterpret_cast<sockaddr*>(&from), &room);
  const sockaddr_in docker = Docker();
  if (size <= 0 || from.sin_addr.s_addr != docker.sin_addr.s_addr ||
      from.sin_port != docker.sin_port) {
    return;
  }
  const auto answer = Parsed({buffer.data(), static_cast<size_t>(size)});
  if (!answer) return;
  const auto found = asked_.find(answer->id);
  if (found == asked_.end() || !Answers(*answer, answer->id, found->second.question)) return;
  const auto node = asked_.extract(found);
  node.mapped().done(answer);
}

void EmbeddedResolver::Tick(int64_t now) {
  std::vector<Done> late;
  for (const auto& [id, asked] : asked_) {
    if (asked.until <= now) late.push_back(asked.done);
  }
  std::erase_if(asked_, [now](const auto& one) { return one.second.until <= now; });
  for (const Done& done : late) done(std::nullopt);
}

}  // namespace runward
