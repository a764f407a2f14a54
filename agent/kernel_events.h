#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/kernel_rules.h"
#include "base/fd.h"
#include "base/result.h"

namespace runward {

// Reads what the kernel's programs report. They wake the reader at most every 200 ms, since that
// costs more than all else they do; so after each find this looks again, by a timer of its own.
class KernelEvents {
 public:
  // The ring buffer pinned in `dir`. One reader at a time.
  static Result<KernelEvents> Open(const std::string& dir);
  KernelEvents(KernelEvents&&) noexcept;
  KernelEvents& operator=(KernelEvents&&) noexcept;
  ~KernelEvents();

  // Readable when Drain has something to do: at the latest 250 ms after an event.
  [[nodiscard]] int fd() const;
  // Gives what there is to `see`, at most some thousand at once, so that a container that floods
  // does not keep the caller; fd() then stays readable.
  void Drain(const std::function<void(const KernelEvent&)>& see);

 private:
  struct Reader;
  explicit KernelEvents(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace runward
