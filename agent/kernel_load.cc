#include "agent/kernel_load.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "agent/bpf_warning.h"
#include "agent/kernel_maps.h"
#include "agent/kernel_object.h"
#include "agent/kernel_pins.h"
#include "base/fd.h"

namespace runward {
namespace {

using Object = CHandle<bpf_object, bpf_object__close>;
using Btf = CHandle<btf, btf__free>;

// Asking for the filesystem makes the kernel load the module, whose types the programs need.
void LoadOverlayModule() {
  UniqueFd fd(static_cast<int>(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
}

bool OverlayKnown() {
  Btf kernel(btf__load_vmlinux_btf());
  if (!kernel) return false;
  if (btf__find_by_name_kind(kernel.get(), "ovl_inode", BTF_KIND_STRUCT) > 0) return true;
  Btf module(btf__load_module_btf("overlay", kernel.get()));
  return module && btf__find_by_name_kind(module.get(), "ovl_inode", BTF_KIND_STRUCT) > 0;
}

Result<Object> OpenObject(KernelTier tier) {
  std::span<const std::byte> bytes = KernelObject();
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "runward");
  Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (!object) return BpfError("cannot read the BPF programs", errno);
  std::vector<std::string> wanted = KernelLinks(tier);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) {
    std::string name = bpf_program__name(program);
    bpf_program__set_autoload(program, std::ranges::find(wanted, name) != wanted.end());
  }
  return object;
}

Result<void> PinMaps(bpf_object* object, const std::string& dir) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    std::string path = PinPath(dir, bpf_map__name(map));
    if (bpf_map__is_internal(map)) continue;
    if (bpf_map__pin(map, path.c_str()) != 0) return BpfError("cannot pin \"" + path + "\"", errno);
  }
  return {};
}

// The kill first: what an LSM hook allows is then never unwatched.
Result<void> AttachAll(bpf_object* object, KernelTier tier, const std::string& dir) {
  for (const std::string& name : KernelLinks(tier)) {
    bpf_program* program = bpf_object__find_program_by_name(object, name.c_str());
    CHandle<bpf_link, bpf_link__destroy> link(program ? bpf_program__attach(program) : nullptr);
    if (!link) return BpfError("cannot attach the BPF program \"" + name + "\"", errno);
    std::string path = PinPath(dir, name);
    if (bpf_link__pin(link.get(), path.c_str()) != 0) {
      return BpfError("cannot pin \"" + path + "\"", errno);
    }
  }
  return {};
}

Result<void> LoadInto(KernelTier tier, const std::string& dir, const std::string& older) {
  Object object = TRY(OpenObject(tier));
  if (bpf_object__load(object.get()) != 0) {
    return BpfError("cannot load the BPF programs of \"" + KernelTierName(tier) + "\"", errno);
  }
  if (mkdir(dir.c_str(), 0700) != 0) return ErrnoError("mkdir \"" + dir + "\"", errno);
  TRY(PinMaps(object.get(), dir));
  if (!older.empty()) TRY(KernelMaps::Copy(older, dir));
  KernelMaps maps = TRY(KernelMaps::Open(dir));
  TRY(maps.SetOverlay(OverlayKnown()));
  return AttachAll(object.get(), tier, dir);
}

}  // namespace

std::string KernelTierName(KernelTier tier) {
  switch (tier) {
    case KernelTier::kLsm:
      return "lsm";
    case KernelTier::kFmodRet:
      return "fmod_ret";
    case KernelTier::kKill:
      break;
  }
  return "kill";
}

std::vector<std::string> KernelLinks(KernelTier tier) {
  if (tier == KernelTier::kKill) return {"executed"};
  std::string suffix = KernelTierName(tier);
  return {"executed_behind", "check_" + suffix, "map_" + suffix, "protect_" + suffix};
}

Result<void> LoadKernelTier(KernelTier tier, const std::string& dir, const std::string& older) {
  KeepBpfWarnings();
  LoadOverlayModule();
  Result<void> loaded = LoadInto(tier, dir, older);
  if (!loaded.ok()) RemovePinned(dir, KernelLinks(tier));
  malloc_trim(0);  // the kernel's type information took megabytes
  return loaded;
}

}  // namespace runward
