#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// How long a look at a container may take. What it is made of (files on a filesystem that one of
// the container's processes serves, as FUSE's are; memory behind userfaultfd(2)) can keep whoever
// looks waiting in the kernel, sometimes where not even SIGKILL ends it (fs/fuse/dev.c,
// request_wait_answer). So the keeper is told when a look is over its time; it kills the worker,
// does not wait for its end, and has another go on. That one learns here which container it was,
// and for a while lets nothing be executed there rather than look again: half a minute, and twice
// as long each time, up to an hour.
//
// What it does not protect: everybody else waits, once in that while, as long as one look may take;
// and a process that cannot be ended stays until the container's filesystem answers or goes.
class Looks {
 public:
  static constexpr int kCall = 2;   // seconds, of a look at what is to be executed
  static constexpr int kWhole = 8;  // at a whole container; its hook waits for ten
  static constexpr int64_t kFirstPenalty = 30;
  static constexpr int64_t kLongestPenalty = 3600;

  // Shared with all processes that are forked later.
  static Result<Looks> Make();

  // Readable when the look that is made now is over its time.
  [[nodiscard]] int timer() const { return timer_.get(); }
  // Whether it really is: it may have come back meanwhile.
  [[nodiscard]] bool Overdue() const;

  // Ends what the worker before this one had not come back from. Returns the container's key if
  // that was over its time, and else "".
  std::string Recover();
  // Whether the container has kept somebody waiting within the while.
  [[nodiscard]] bool Held(std::string_view key) const;

  // One look, from its making on.
  class One {
   public:
    One(Looks& looks, std::string_view key, int seconds);
    One(const One&) = delete;
    One& operator=(const One&) = delete;
    ~One();

   private:
    Looks& looks_;
  };

 private:
  struct Shared;
  struct Unmap {
    void operator()(Shared* memory) const;
  };
  void Hold(std::string_view key, int64_t now);
  void Set(int seconds) const;
  UniqueFd timer_;
  std::unique_ptr<Shared, Unmap> memory_;
};

}  // namespace runward
