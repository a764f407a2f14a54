#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/bpf/shared.h"
#include "agent/kernel_rules.h"
#include "base/fd.h"
#include "base/result.h"

namespace runward {

// The maps pinned in a directory: which containers the kernel's programs know, and by which rules.
// What it does not protect: a pid namespace's number is used again once it is gone, so a container
// that ended must be forgotten before another can be registered.
class KernelMaps {
 public:
  // Finds what is registered there. The maps outlive the object and the process.
  static Result<KernelMaps> Open(const std::string& dir);

  // `id`: a pid namespace's inode number, or a v2 control group's id with RW_BY_CGROUP. The rules
  // come first and the container last, so that a process sees either all of it or none, and either
  // its old rules or its new ones where it was registered before. On an error all is as it was.
  Result<void> Register(uint64_t container, uint64_t id, const KernelRules& rules);
  void Forget(uint64_t container);

  [[nodiscard]] std::vector<uint64_t> Registered() const;
  // Events that the buffer could not take since the container was registered.
  [[nodiscard]] uint64_t Lost(uint64_t container) const;
  [[nodiscard]] uint64_t Lost() const;

  // Registers in `to` what `from` holds. Both have the same layout.
  static Result<void> Copy(const std::string& from, const std::string& to);
  // Whether the programs can tell the upper files of an overlay.
  Result<void> SetOverlay(bool known);
  // The pid namespace that processes are numbered in.
  Result<void> SetAgent(uint32_t pid_namespace);
  // The process may go on executing the file; at `now`, monotonic.
  void Approve(uint32_t process, const FileKey& file, uint32_t user, int64_t now) const;

 private:
  struct Entry {
    uint64_t id = 0;
    uint64_t set = 0;
    std::vector<rw_file_key> files;
    std::vector<rw_name_key> names;
    std::vector<rw_argument_key> arguments;
  };
  Result<void> Add(const Entry& entry, const std::vector<rw_file_rule>& files,
                   const std::vector<rw_name_rule>& names);
  void Remove(const Entry& entry);
  void FindRegistered();
  Result<void> CountGroups();
  [[nodiscard]] rw_state State() const;
  [[nodiscard]] Result<void> Write(const rw_state& state) const;

  UniqueFd containers_;
  UniqueFd files_;
  UniqueFd names_;
  UniqueFd arguments_;
  UniqueFd lost_;
  UniqueFd approved_;
  UniqueFd state_;
  std::map<uint64_t, Entry> known_;
};

}  // namespace runward
