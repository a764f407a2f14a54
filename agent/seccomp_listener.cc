#include "agent/seccomp_listener.h"

#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace runward {
namespace {

// What the kernel writes and reads may grow: both are far below this.
constexpr size_t kMemory = 4096;
constexpr size_t kAnswer = 512;

// <linux/seccomp.h> from 6.6 on.
constexpr unsigned long kSetFlags = _IOW('!', 4, uint64_t);
constexpr unsigned long kSyncWakeUp = 1;

NotifiedCall CallOf(const seccomp_notif& told) {
  NotifiedCall call{.id = told.id,
                    .task = static_cast<pid_t>(told.pid),
                    .arch = told.data.arch,
                    .number = told.data.nr};
  std::copy_n(std::begin(told.data.args), call.args.size(), call.args.begin());
  return call;
}

}  // namespace

bool IsSeccompListener(int file) {
  constexpr std::string_view kKind = "anon_inode:seccomp notify";
  std::array<char, kKind.size() + 1> link{};
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(path.c_str(), link.data(), link.size());
  return size > 0 && std::string_view(link.data(), static_cast<size_t>(size)) == kKind;
}

void PreferOneProcessor(int listener) { (void)ioctl(listener, kSetFlags, kSyncWakeUp); }

bool StillWaits(int listener, uint64_t id) { return seccomp_notify_id_valid(listener, id) == 0; }

void CallReceiver::Unmap::operator()(void* memory) const { munmap(memory, kMemory); }

Result<UniqueFd> CallReceiver::MakeMemory() {
  UniqueFd memory(memfd_create("runward-calls", MFD_CLOEXEC));
  if (!memory.valid() || ftruncate(memory.get(), kMemory) != 0) {
    return ErrnoError("make memory for system calls", errno);
  }
  return memory;
}

Result<CallReceiver> CallReceiver::Over(int memory) {
  // libseccomp looks once what the kernel can, here.
  seccomp_notif* taken = nullptr;
  seccomp_notif_resp* answer = nullptr;
  const int status = seccomp_notify_alloc(&taken, &answer);
  seccomp_notify_free(taken, answer);
  if (status != 0) return ErrnoError("use seccomp notification", -status);
  void* at = mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (at == MAP_FAILED) return ErrnoError("map memory for system calls", errno);
  CallReceiver receiver;
  receiver.memory_.reset(at);
  return receiver;
}

std::optional<NotifiedCall> CallReceiver::Left() const {
  const auto* told = static_cast<const seccomp_notif*>(memory_.get());
  if (told->id == 0) return std::nullopt;
  return CallOf(*told);
}

std::optional<NotifiedCall> CallReceiver::Take(int listener) {
  pollfd ready{.fd = listener, .events = POLLIN, .revents = 0};
  if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLIN) == 0) return std::nullopt;
  Forget();  // the kernel wants it empty
  auto* told = static_cast<seccomp_notif*>(memory_.get());
  if (seccomp_notify_receive(listener, told) != 0) return std::nullopt;
  return CallOf(*told);
}

bool CallReceiver::Answer(int listener, uint64_t id, int error) {
  alignas(seccomp_notif_resp) std::array<char, kAnswer> bytes{};
  auto* answer = reinterpret_cast<seccomp_notif_resp*>(bytes.data());
  answer->id = id;
  answer->error = -error;
  answer->flags = error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
  const bool taken = seccomp_notify_respond(listener, answer) == 0;
  Forget();
  return taken;
}

void CallReceiver::Forget() { std::memset(memory_.get(), 0, sizeof(seccomp_notif)); }

}  // namespace runward
