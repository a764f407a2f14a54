#include "agent/kernel_maps.h"

#include <bpf/bpf.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <utility>

#include "agent/kernel_entries.h"

namespace runward {
namespace {

Result<UniqueFd> OpenMap(const std::string& path) {
  UniqueFd fd(bpf_obj_get(path.c_str()));
  if (!fd.valid()) return ErrnoError("cannot open the BPF map \"" + path + "\"", errno);
  return fd;
}

// All of a map's keys. One that another process removes meanwhile makes the walk begin again, at
// worst it sees some twice; only the agent removes any.
template <typename Key>
void EachKey(int map, const std::function<void(const Key&)>& see) {
  Key key;
  if (bpf_map_get_next_key(map, nullptr, &key) != 0) return;
  do {
    Key next;
    bool more = bpf_map_get_next_key(map, &key, &next) == 0;
    see(key);
    if (!more) return;
    key = next;
  } while (true);
}

template <typename Key, typename Value>
Result<void> AddAll(int map, const std::vector<Key>& keys, const std::vector<Value>& values) {
  auto count = static_cast<uint32_t>(keys.size());
  if (count == 0) return {};
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  if (bpf_map_update_batch(map, keys.data(), values.data(), &count, &options) == 0) return {};
  Error error = ErrnoError("cannot hand rules to the kernel", errno);
  if (errno == E2BIG) error.hint = "too many rules over all containers: shorten the policy's lists";
  return error;
}

template <typename Key>
void RemoveAll(int map, const std::vector<Key>& keys) {
  for (const Key& key : keys) bpf_map_delete_elem(map, &key);
}

template <typename Key, typename Value>
Result<void> CopyMap(const std::string& from, const std::string& to, const std::string& name) {
  UniqueFd source = TRY(OpenMap(from + "/" + name));
  UniqueFd target = TRY(OpenMap(to + "/" + name));
  int err = 0;
  EachKey<Key>(source.get(), [&](const Key& key) {
    Value value;
    if (bpf_map_lookup_elem(source.get(), &key, &value) != 0) return;
    if (bpf_map_update_elem(target.get(), &key, &value, BPF_ANY) != 0) err = errno;
  });
  if (err != 0) return ErrnoError("cannot copy the BPF map \"" + from + "/" + name + "\"", err);
  return {};
}

}  // namespace

Result<KernelMaps> KernelMaps::Open(const std::string& dir) {
  KernelMaps maps;
  maps.containers_ = TRY(OpenMap(dir + "/containers"));
  maps.files_ = TRY(OpenMap(dir + "/files"));
  maps.names_ = TRY(OpenMap(dir + "/names"));
  maps.arguments_ = TRY(OpenMap(dir + "/arguments"));
  maps.lost_ = TRY(OpenMap(dir + "/lost"));
  maps.approved_ = TRY(OpenMap(dir + "/approved"));
  maps.state_ = TRY(OpenMap(dir + "/state"));
  maps.FindRegistered();
  return maps;
}

void KernelMaps::FindRegistered() {
  std::map<uint64_t, uint64_t> numbers;  // of sets
  EachKey<uint64_t>(containers_.get(), [&](uint64_t id) {
    rw_container container;
    if (bpf_map_lookup_elem(containers_.get(), &id, &container) != 0) return;
    numbers[container.set] = container.number;
    known_[container.number].id = id;
    known_[container.number].set = container.set;
  });
  // An agent that was killed while registering left entries of a set that no container has.
  Entry orphans;
  const auto entry = [&](uint64_t set) -> Entry& {
    auto at = numbers.find(set & ~RW_OF_ARGUMENTS);
    return at == numbers.end() ? orphans : known_[at->second];
  };
  EachKey<rw_file_key>(files_.get(),
                       [&](const rw_file_key& key) { entry(key.set).files.push_back(key); });
  EachKey<rw_name_key>(names_.get(),
                       [&](const rw_name_key& key) { entry(key.set).names.push_back(key); });
  EachKey<rw_argument_key>(arguments_.get(), [&](const rw_argument_key& key) {
    entry(key.set).arguments.push_back(key);
  });
  Remove(orphans);
}

rw_state KernelMaps::State() const {
  uint32_t zero = 0;
  rw_state state = {};
  bpf_map_lookup_elem(state_.get(), &zero, &state);
  return state;
}

Result<void> KernelMaps::Write(const rw_state& state) const {
  const uint32_t zero = 0;
  if (bpf_map_update_elem(state_.get(), &zero, &state, BPF_ANY) == 0) return {};
  return ErrnoError("cannot write the BPF map \"state\"", errno);
}

Result<void> KernelMaps::SetOverlay(bool known) {
  rw_state state = State();
  state.overlay = known ? 1 : 0;
  return Write(state);
}

Result<void> KernelMaps::SetAgent(uint32_t pid_namespace) {
  rw_state state = State();
  state.agent_space = pid_namespace;
  return Write(state);
}

// Where it cannot be written, the exec is killed.
void KernelMaps::Approve(uint32_t process, const FileKey& file, uint32_t user, int64_t now) const {
  const rw_approved_key key{
      .inode = file.inode, .process = process, .device = KernelDevice(file.device)};
  const rw_approved word{.when = static_cast<uint64_t>(now), .user = user, .zero = 0};
  bpf_map_update_elem(approved_.get(), &key, &word, BPF_ANY);
}

// Before a container is added and after one is removed: where none goes by its control group, the
// kernel does not look at those.
Result<void> KernelMaps::CountGroups() {
  rw_state state = State();
  state.by_cgroup = static_cast<uint32_t>(std::ranges::count_if(
      known_, [](const auto& entry) { return (entry.second.id & RW_BY_CGROUP) != 0; }));
  return Write(state);
}

Result<void> KernelMaps::Add(const Entry& entry, const std::vector<rw_file_rule>& files,
                             const std::vector<rw_name_rule>& names) {
  TRY(AddAll(files_.get(), entry.files, files));
  TRY(AddAll(names_.get(), entry.names, names));
  for (const rw_argument_key& key : entry.arguments) {
    const uint32_t value = 1;
    if (bpf_map_update_elem(arguments_.get(), &key, &value, BPF_ANY) == 0) continue;
    return ErrnoError("cannot hand rules about arguments to the kernel", errno);
  }
  return {};
}

void KernelMaps::Remove(const Entry& entry) {
  RemoveAll(files_.get(), entry.files);
  RemoveAll(names_.get(), entry.names);
  RemoveAll(arguments_.get(), entry.arguments);
}

Result<void> KernelMaps::Register(uint64_t container, uint64_t id, const KernelRules& rules) {
  if (rules.drift != KernelDrift::kAllow && State().overlay == 0) {
    return Error{
        "the kernel's programs cannot tell what was written to an overlay: it has no type "
        "information on \"overlay\"",
        "set drift to \"allow\" in the profile, or use a kernel with module BTF"};
  }
  uint64_t set = 0;
  if (getrandom(&set, sizeof(set), 0) != sizeof(set)) return ErrnoError("getrandom", errno);
  set &= ~RW_OF_ARGUMENTS;
  KernelEntries made = TRY(MakeKernelEntries(container, set, rules));
  Entry entry = {.id = id,
                 .set = set,
                 .files = std::move(made.file_keys),
                 .names = std::move(made.name_keys),
                 .arguments = std::move(made.argument_keys)};
  if (auto added = Add(entry, made.file_rules, made.name_rules); !added.ok()) {
    Remove(entry);
    return added;
  }
  uint64_t none = 0;
  bpf_map_update_elem(lost_.get(), &container, &none, BPF_NOEXIST);
  std::map<uint64_t, Entry>::node_type before = known_.extract(container);
  known_[container] = entry;
  Result<void> counted = CountGroups();
  if (!counted.ok() || bpf_map_update_elem(containers_.get(), &id, &made.container, BPF_ANY) != 0) {
    Error error = counted.ok() ? ErrnoError("cannot register a container in the kernel", errno)
                               : std::move(counted).error();
    Remove(entry);
    known_.erase(container);
    if (before) known_.insert(std::move(before));
    return error;
  }
  if (!before) return {};
  if (before.mapped().id != id) bpf_map_delete_elem(containers_.get(), &before.mapped().id);
  Remove(before.mapped());
  return {};
}

void KernelMaps::Forget(uint64_t container) {
  auto at = known_.find(container);
  if (at == known_.end()) return;
  rw_container now;
  // Another may have been registered since under the number of a namespace that is gone.
  if (bpf_map_lookup_elem(containers_.get(), &at->second.id, &now) == 0 &&
      now.number == container) {
    bpf_map_delete_elem(containers_.get(), &at->second.id);
  }
  Remove(at->second);
  bpf_map_delete_elem(lost_.get(), &container);
  known_.erase(at);
  (void)CountGroups().ok();  // too many costs time, never a decision
}

std::vector<uint64_t> KernelMaps::Registered() const {
  std::vector<uint64_t> numbers;
  numbers.reserve(known_.size());
  for (const auto& [number, entry] : known_) numbers.push_back(number);
  return numbers;
}

uint64_t KernelMaps::Lost(uint64_t container) const {
  uint64_t count = 0;
  bpf_map_lookup_elem(lost_.get(), &container, &count);
  return count;
}

uint64_t KernelMaps::Lost() const {
  uint64_t sum = 0;
  for (const auto& [number, entry] : known_) sum += Lost(number);
  return sum;
}

Result<void> KernelMaps::Copy(const std::string& from, const std::string& to) {
  TRY(CopyMap<rw_file_key, rw_file_rule>(from, to, "files"));
  TRY(CopyMap<rw_name_key, rw_name_rule>(from, to, "names"));
  TRY(CopyMap<rw_argument_key, uint32_t>(from, to, "arguments"));
  TRY(CopyMap<uint64_t, uint64_t>(from, to, "lost"));
  TRY(CopyMap<uint32_t, rw_state>(from, to, "state"));
  return CopyMap<uint64_t, rw_container>(from, to, "containers");
}

}  // namespace runward
