#include "agent/rule_set.h"

#include <bpf/bpf.h>
#include <malloc.h>
#include <sys/stat.h>

#include <cerrno>

#include "agent/bpf_warning.h"
#include "agent/kernel_pins.h"
#include "base/encoding.h"

namespace runward {
namespace {

Result<void> PinPrograms(bpf_object* object, const std::string& folder) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string path = PinPath(folder, bpf_program__name(program));
    if (bpf_program__pin(program, path.c_str()) != 0) {
      return BpfError("cannot pin \"" + path + "\"", errno);
    }
  }
  return {};
}

Result<void> MakeIn(const std::string& folder, std::span<const std::byte> file,
                    const WantedRules& wanted, const RuleMaps* before) {
  const BpfObject object = TRY(OpenPrograms(file, wanted.plan));
  bpf_map* flows = bpf_object__find_map_by_name(object.get(), "flows");
  if (before != nullptr && bpf_map__reuse_fd(flows, before->flows()) != 0) {
    return BpfError("cannot go on with a BPF map", errno);
  }
  if (bpf_object__load(object.get()) != 0) {
    return BpfError("the kernel does not take the BPF programs for network rules", errno);
  }
  TRY(FillRules(object.get(), wanted.plan, wanted.audit));
  if (mkdir(folder.c_str(), 0700) != 0) return ErrnoError("mkdir \"" + folder + "\"", errno);
  TRY(RuleMaps::Pin(object.get(), folder));
  return PinPrograms(object.get(), folder);
}

Result<RuleMaps> OpenIn(const std::string& folder, rw_host_state state) {
  RuleMaps maps = TRY(RuleMaps::Open(folder));
  TRY(maps.SetState(state));
  return maps;
}

}  // namespace

std::string SetName(const WantedRules& wanted) {
  constexpr size_t kDigest = 32;
  const std::string plan = DigestOf(wanted.plan).substr(0, kDigest);
  return wanted.start + "-" + (wanted.audit ? "audit" : "enforce") + "-" + plan;
}

bool IsSetOf(const std::string& name, const std::string& start) {
  return name.starts_with(start + "-");
}

Result<RuleMaps> MakeRuleSet(const std::string& folder, std::span<const std::byte> file,
                             const WantedRules& wanted, rw_host_state state,
                             const RuleMaps* before) {
  KeepBpfWarnings();
  const Result<void> made = MakeIn(folder, file, wanted, before);
  malloc_trim(0);  // the kernel's type information took megabytes
  if (wanted.audit) state = RW_HOST_RULED;
  Result<RuleMaps> maps = made.ok() ? OpenIn(folder, state) : made.error();
  if (!maps.ok()) RemovePinned(folder, {});
  return maps;
}

}  // namespace runward
