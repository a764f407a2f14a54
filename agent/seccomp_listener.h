#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// seccomp_unotify(2), by libseccomp: the kernel tells a listener of a system call, whose task
// waits. The answer is an error to fail with, or to go on; what the call's pointers lead to is then
// read once more, and another thread can have changed it. So this is advisory, whoever listens.
//
// runtimes do not have the kernel wait for an answer once the call was taken
// (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; runc 1.1 refuses every flag): a signal takes the task
// back, and its call comes again under another number.

struct NotifiedCall {
  uint64_t id = 0;  // of this listener
  pid_t task = 0;   // thread, as seen from here
  uint32_t arch = 0;
  int number = 0;
  std::array<uint64_t, 6> args{};
};

bool IsSeccompListener(int file);

// Has the kernel hand the processor over with the call and back with the answer, where it can
// (6.6).
void PreferOneProcessor(int listener);

// Whether a call's task still waits.
bool StillWaits(int listener, uint64_t id);

// Takes calls and answers them, one at a time. What was taken is kept in memory that outlives the
// process, written by the kernel as it is taken: a call that was taken and not answered waits for
// ever, and no listener is told of it again.
class CallReceiver {
 public:
  // Memory for Over, to be held by whoever outlives the receiver.
  static Result<UniqueFd> MakeMemory();
  static Result<CallReceiver> Over(int memory);

  // What an earlier receiver over the memory took and did not answer, of whichever listener.
  [[nodiscard]] std::optional<NotifiedCall> Left() const;
  // The next call; nullopt when there is none, also when one has just been taken back.
  std::optional<NotifiedCall> Take(int listener);
  // Lets the call go on, or fail with `error`. False when nobody waits any more.
  bool Answer(int listener, uint64_t id, int error);
  void Forget();

 private:
  struct Unmap {
    void operator()(void* memory) const;
  };
  std::unique_ptr<void, Unmap> memory_;
};

}  // namespace runward
