#include "hooks/early_supply.h"

#include <linux/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hooks/early_json.h"
#include "hooks/early_place.h"

namespace runward {
namespace {

// Most states are some hundred bytes; annotations make them larger.
constexpr size_t kMostState = size_t{64} << 10;
char state_bytes[kMostState];
size_t state_size = 0;
int asked_agent = -1;

using Path = EarlyText<sizeof(sockaddr_un::sun_path)>;

struct Task {
  Path socket;
  bool check = false;  // of the root: path and inode
  std::string_view root;
  unsigned long device = 0;
  unsigned long inode = 0;
  std::string_view key;
};

// Walks along the arguments; a nullptr ends them.
class Words {
 public:
  explicit Words(const char* const* at) : at_(at) {}
  std::string_view Next() {
    if (*at_ == nullptr) return {};
    const char* word = *at_++;
    return {word, EarlyLength(word)};
  }
  [[nodiscard]] bool Begins(std::string_view beginning) const {
    if (*at_ == nullptr) return false;
    std::string_view word(*at_, EarlyLength(*at_));
    return EarlyTake(word, beginning);
  }
  [[nodiscard]] bool AtEnd() const { return *at_ == nullptr; }

 private:
  const char* const* at_;
};

bool IsKey(std::string_view text) {
  constexpr size_t kDigits = 64;  // oci/record.h
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
  }
  return text.size() == kDigits;
}

// As OurHook (oci/hook_entry.h) writes them; false for a call that is about more than secrets.
bool ReadTask(Words words, Task& task) {
  constexpr std::string_view kRootFlag = "--runward-root=";
  (void)words.Next();  // the program
  std::string_view run = "/run/runward";
  std::string_view behind;
  if (words.Begins(kRootFlag)) {
    run = words.Next();
    (void)EarlyTake(run, kRootFlag);
    behind = "/run";
  }
  task.socket.Add(run).Add(behind).Add("/agent.sock");
  std::string_view word = words.Next();
  if (EarlySame(word, "check-root")) {
    task.check = true;
    task.root = words.Next();
    if (!EarlyNumber(words.Next(), task.device)) return false;
    if (!EarlyNumber(words.Next(), task.inode)) return false;
    word = words.Next();
  }
  if (!EarlySame(word, "supply")) return false;
  task.key = words.Next();
  (void)words.Next();  // what is to become of a failure
  return words.AtEnd() && task.socket.ok() && run.size() > 0 && IsKey(task.key);
}

// To its end, or as far as there is room, which is false.
bool ReadState() {
  while (state_size < kMostState) {
    const long got = EarlyCall(SYS_read, STDIN_FILENO, EarlyAddress(state_bytes + state_size),
                               static_cast<long>(kMostState - state_size));
    if (got == 0) return true;
    if (got < 0 && got != -EINTR) return false;
    if (got > 0) state_size += static_cast<size_t>(got);
  }
  return false;
}

// As HardenProcess (vault/locked_bytes.h): whoever may look into it reaches the filesystems.
bool Harden() {
  const rlimit none{0, 0};
  return EarlyCall(SYS_prlimit64, 0, RLIMIT_CORE, EarlyAddress(&none)) == 0 &&
         EarlyCall(SYS_prctl, PR_SET_DUMPABLE) == 0;
}

bool CheckRoot(const Task& task, int namespace_root) {
  if (!task.check) return true;
  const EarlyFd root = EarlyBeneath(namespace_root, task.root, O_PATH);
  return root.valid() && EarlyIs(root.get(), task.device, task.inode);
}

// Only root's agent is one. Who does not answer in time is waited for once more, by others.
EarlyFd Connect(const Task& task) {
  constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
  EarlyFd fd(EarlyCall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return {};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (EarlyCall(SYS_setsockopt, fd.get(), SOL_SOCKET, option, EarlyAddress(&kPatience),
                  sizeof kPatience) != 0) {
      return {};
    }
  }
  sockaddr_un address;
  address.sun_family = AF_UNIX;
  const size_t length = task.socket.view().size() + 1;
  for (size_t i = 0; i < length; ++i) address.sun_path[i] = task.socket.c_str()[i];
  ucred peer{};
  socklen_t size = sizeof peer;
  if (EarlyCall(SYS_connect, fd.get(), EarlyAddress(&address),
                static_cast<long>(offsetof(sockaddr_un, sun_path) + length)) != 0 ||
      EarlyCall(SYS_getsockopt, fd.get(), SOL_SOCKET, SO_PEERCRED, EarlyAddress(&peer),
                EarlyAddress(&size)) != 0 ||
      peer.uid != 0) {
    return {};
  }
  return fd;
}

bool Ask(int agent, std::string_view key, int pid) {
  EarlyText<256> request;
  request.Add(R"({"protocol":1,"ask":"secret-files","key":")").Add(key).Add(R"(","pid":)");
  request.Add(static_cast<unsigned long>(pid)).Add("}");
  const auto size = static_cast<long>(request.view().size());
  return request.ok() &&
         EarlyCall(SYS_sendto, agent, EarlyAddress(request.c_str()), size, MSG_NOSIGNAL) == size;
}

// What came of the answer, and in `files` the descriptors that came with it. It stays where it is.
std::string_view Receive(int agent, char* bytes, size_t room, EarlyFd* files, size_t& count) {
  alignas(cmsghdr) char control[CMSG_SPACE(EarlyAnswer::kMost * sizeof(int))];
  auto* header = reinterpret_cast<cmsghdr*>(control);
  *header = {};
  iovec part{.iov_base = bytes, .iov_len = room};
  msghdr message;
  message.msg_name = nullptr;
  message.msg_namelen = 0;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  message.msg_flags = 0;
  const long size =
      EarlyCall(SYS_recvmsg, agent, EarlyAddress(&message), MSG_CMSG_CLOEXEC | MSG_PEEK);
  count = 0;
  if (size <= 0) return {};
  const bool any = message.msg_controllen >= sizeof *header && header->cmsg_level == SOL_SOCKET &&
                   header->cmsg_type == SCM_RIGHTS;
  if (any) count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  const auto* handed = reinterpret_cast<const int*>(CMSG_DATA(header));
  for (size_t i = 0; i < count; ++i) files[i] = EarlyFd(handed[i]);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return {};
  return {bytes, static_cast<size_t>(size)};
}

EarlyAttached Place(int agent, int pid, int namespace_root) {
  constexpr size_t kMostAnswer = 8192;
  char bytes[kMostAnswer];
  EarlyFd filesystems[EarlyAnswer::kMost];
  EarlyFd places[EarlyAnswer::kMost];
  EarlyAnswer answer;
  size_t count = 0;
  const std::string_view text = Receive(agent, bytes, sizeof bytes, filesystems, count);
  if (!EarlyAnswerIn(text, answer) || answer.count != count) return EarlyAttached::kNone;
  const EarlyFd root = EarlyBeneath(namespace_root, answer.rootfs, O_PATH | O_DIRECTORY);
  if (!root.valid()) return EarlyAttached::kNone;
  for (size_t i = 0; i < count; ++i) {
    places[i] = EarlyPlace(pid, root.get(), answer.directories[i]);
    if (!places[i].valid()) return EarlyAttached::kNone;
  }
  return EarlyAttach(pid, filesystems, places, count);
}

bool AskAndPlace(const Task& task, int pid, int namespace_root) {
  EarlyFd agent = Connect(task);
  if (!agent.valid() || !Ask(agent.get(), task.key, pid)) return false;
  const EarlyAttached attached = Place(agent.get(), pid, namespace_root);
  if (attached == EarlyAttached::kNone) asked_agent = agent.release();
  return attached == EarlyAttached::kAll;
}

}  // namespace

bool SupplyEarly(const char* const* args) {
  Task task;
  if (!ReadTask(Words(args), task) || !ReadState()) return false;
  const int pid = EarlyProcessOf({state_bytes, state_size});
  if (pid == 0 || !Harden()) return false;
  const EarlyFd root = EarlyNamespaceRoot(pid);
  return root.valid() && CheckRoot(task, root.get()) && AskAndPlace(task, pid, root.get());
}

int AgentAskedEarly() { return asked_agent; }

std::string_view StateReadEarly() { return {state_bytes, state_size}; }

}  // namespace runward
