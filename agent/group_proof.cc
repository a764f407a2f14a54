#include "agent/group_proof.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include "base/fd.h"

namespace runward {
namespace {

constexpr int kPatience = 500;  // milliseconds

// What the child says of a packet that it was to send, or of itself.
enum : char { kReady = 'r', kSent = 's', kRefused = 'x', kFailed = 'f' };

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = port;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket of UDP at the loopback, and its port.
int OpenSocket(uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return -1;
  }
  port = address.sin_port;
  return fd;
}

bool SendTo(int fd, uint16_t port) {
  const sockaddr_in address = Loopback(port);
  return sendto(fd, "p", 1, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 1;
}

// In the child: system calls only. Each byte that it is given has it send one packet.
[[noreturn]] void Serve(pid_t parent, int procs, int orders, uint16_t target) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  uint16_t port = 0;
  const bool joined = write(procs, "0", 1) == 1;
  const int own = joined ? OpenSocket(port) : -1;
  std::array<char, 3> hello = {own < 0 ? kFailed : kReady, static_cast<char>(port & 0xff),
                               static_cast<char>(port >> 8)};
  if (write(orders, hello.data(), hello.size()) < 0) _exit(1);
  char order = 0;
  while (read(orders, &order, 1) == 1) {
    char answer = kSent;
    if (order == kReady) {  // has anything arrived?
      char packet = 0;
      pollfd ready{.fd = own, .events = POLLIN, .revents = 0};
      answer = poll(&ready, 1, kPatience) == 1 && read(own, &packet, 1) == 1 ? kReady : kFailed;
    } else if (!SendTo(own, target)) {
      answer = errno == EPERM ? kRefused : kFailed;
    }
    if (write(orders, &answer, 1) != 1) _exit(1);
  }
  _exit(0);
}

class Proof {
 public:
  explicit Proof(const RuleMaps& rules) : rules_(rules) {}
  Proof(const Proof&) = delete;
  Proof& operator=(const Proof&) = delete;
  ~Proof() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Result<void> Begin(const std::string& group) {
    const std::string path = group + "/cgroup.procs";
    const UniqueFd procs(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!procs.valid()) return ErrnoError("open \"" + path + "\"", errno);
    own_ = UniqueFd(OpenSocket(port_));
    std::array<int, 2> ends{};
    if (!own_.valid() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      return ErrnoError("make a socket for the proof", errno);
    }
    orders_ = UniqueFd(ends[0]);
    const UniqueFd theirs(ends[1]);
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ < 0) return ErrnoError("make a process for the proof", errno);
    if (child_ == 0) {
      close(orders_.get());  // else it would not see its parent's end
      Serve(parent, procs.get(), theirs.get(), port_);
    }
    std::array<char, 3> hello{};
    if (!Read(hello.data(), hello.size()) || hello[0] != kReady) return Failed("join the group");
    theirs_ =
        static_cast<uint16_t>(static_cast<uint8_t>(hello[1]) | static_cast<uint8_t>(hello[2]) << 8);
    return {};
  }

  Result<void> NothingPasses() {
    if (Order(kSent) != kRefused) return Failed("be refused a packet");
    if (!SendTo(own_.get(), theirs_)) return Failed("be sent a packet");
    // What is denied is counted; what arrives would not be.
    for (int waited = 0; waited < kPatience; ++waited) {
      if (rules_.Denied().contains({.ingress = true, .rule = -1})) return {};
      constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 1'000'000};
      nanosleep(&kPause, nullptr);
    }
    return Failed("be denied a packet");
  }

  Result<void> ItsOwnPass() {
    TRY(rules_.LetProofPass(theirs_, port_));
    char packet = 0;
    pollfd ready{.fd = own_.get(), .events = POLLIN, .revents = 0};
    if (Order(kSent) != kSent || poll(&ready, 1, kPatience) != 1 ||
        read(own_.get(), &packet, 1) != 1) {
      return Failed("send a packet");
    }
    if (!SendTo(own_.get(), theirs_) || Order(kReady) != kReady) return Failed("get a packet");
    return {};
  }

 private:
  static Error Failed(const std::string& what) {
    return Error{"a process in the container's control group could not " + what +
                     " as its rules are to have it",
                 "give the container a network of its own, or a profile with \"network\": "
                 "{\"hostNetwork\": \"deny\"}"};
  }

  bool Read(char* bytes, size_t size) {
    pollfd ready{.fd = orders_.get(), .events = POLLIN, .revents = 0};
    return poll(&ready, 1, 2 * kPatience) == 1 &&
           read(orders_.get(), bytes, size) == static_cast<ssize_t>(size);
  }

  char Order(char word) {
    char answer = 0;
    const bool done = write(orders_.get(), &word, 1) == 1 && Read(&answer, 1);
    return done ? answer : static_cast<char>(kFailed);
  }

  const RuleMaps& rules_;
  UniqueFd own_;
  UniqueFd orders_;
  uint16_t port_ = 0;
  uint16_t theirs_ = 0;
  pid_t child_ = -1;
};

}  // namespace

Result<void> ProveGroup(const std::string& group, const RuleMaps& rules) {
  Proof proof(rules);
  TRY(rules.SetState(RW_HOST_CLOSED));
  TRY(proof.Begin(group));
  TRY(proof.NothingPasses());
  Result<void> passes = proof.ItsOwnPass();
  TRY(rules.SetState(RW_HOST_CLOSED));
  if (passes.ok()) rules.ForgetDenied();
  return passes;
}

}  // namespace runward
