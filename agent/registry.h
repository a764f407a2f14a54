#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/watched.h"

namespace runward {

// The containers that the agent watches, and to which of them a task belongs.
class Registry {
 public:
  // Replaces one of the same key.
  Watched& Add(Watched container);
  void Remove(const std::string& key);

  [[nodiscard]] Watched* Find(const std::string& key);
  // By the number under which the kernel's programs know it; null when there is none.
  [[nodiscard]] Watched* Numbered(uint64_t number);
  [[nodiscard]] size_t size() const { return containers_.size(); }
  [[nodiscard]] const std::map<std::string, std::unique_ptr<Watched>>& all() const {
    return containers_;
  }

  // The containers that may have made the task; all of their rules hold for it. Its pid namespace
  // tells, which unshare(2) cannot leave; where several containers, or the host, share one, its
  // control group and then its mount namespace do. Where a shared one's neither tells, all of those
  // that share it. Empty for a task of the host.
  [[nodiscard]] std::vector<Watched*> Of(pid_t task);

 private:
  using Sharing = std::vector<Watched*>;
  [[nodiscard]] Sharing Among(const Sharing& sharing, pid_t task, bool host) const;

  std::map<std::string, std::unique_ptr<Watched>> containers_;
  std::unordered_map<uint64_t, Sharing> by_namespace_;
};

}  // namespace runward
