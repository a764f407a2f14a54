#include <algorithm>
#include <array>

#include "base/glob.h"
#include "policy/control_parts.h"
#include "policy/mount_groups.h"
#include "policy/wording.h"

namespace runward {
namespace {

// Filesystems that a container gets of its own, without anything of the host's disks in them.
constexpr std::array<std::string_view, 9> kOwnTypes = {
    "cgroup", "cgroup2", "devpts", "hugetlbfs", "mqueue", "proc", "ramfs", "sysfs", "tmpfs"};

using Chains = std::vector<std::vector<Location>>;

struct Listed {
  const Location* at = nullptr;
  std::string label;  // "\"/etc\" (@host)"
  bool denied = false;
};

class Judge {
 public:
  Judge(const RunRule& rule, const ContainerConfig& config, const HostView& host,
        std::vector<RunFinding>& findings)
      : rule_(rule), config_(config), host_(host), findings_(findings) {
    for (const std::string& path : host.own) List(path, Quoted(path) + " (@runward)", own_, true);
    for (const std::string& source : rule.denied_sources) ListDenied(source);
    for (const std::string& path : rule.allowed_sources) List(path, Quoted(path), listed_, false);
  }

  void Run() {
    for (const SourceView& source : host_.sources) JudgeSource(source);
    if (rule_.denied_sources.empty()) return;
    for (size_t i = 0; i < config_.mounts.size(); ++i) JudgeType(i);
  }

 private:
  void ListDenied(const std::string& source) {
    const MountGroup* group = FindMountGroup(source);
    if (group == nullptr) {
      List(source, Quoted(source), listed_, true);
      return;
    }
    for (std::string_view path : group->paths) {
      List(path, Quoted(path) + " (" + source + ")", listed_, true);
    }
    sockets_ |= source == "@engine-sockets";
  }

  void List(std::string_view path, std::string label, std::vector<Listed>& list, bool denied) {
    if (const Location* at = Find(path)) list.push_back({at, std::move(label), denied});
  }

  [[nodiscard]] const Location* Find(std::string_view path) const {
    const auto found = std::ranges::find(host_.places, path, &PlaceView::path);
    return found == host_.places.end() ? nullptr : &found->at;
  }

  void JudgeSource(const SourceView& source) {
    const MountConfig& mount = config_.mounts[source.mount];
    if (!source.why.empty()) {
      Add(source, "whose place cannot be told: " + source.why);
      return;
    }
    const std::string name = source.path.substr(source.path.rfind('/') + 1);
    if (sockets_ && source.socket && IsEngineSocketName(name)) {
      Add(source, "a socket of an engine's name (@engine-sockets)");
      return;
    }
    for (const Location& tree : source.trees) {
      const bool own = &tree == &source.trees.front();
      const std::string why = WhyNot(tree, own ? source.above : Chains(), mount);
      if (why.empty()) continue;
      Add(source, why);
      return;
    }
  }

  // Why the tree may not be mounted; "" when it may.
  [[nodiscard]] std::string WhyNot(const Location& tree, const Chains& above,
                                   const MountConfig& mount) const {
    const bool exact = std::ranges::any_of(listed_, [&](const Listed& one) {
      return !one.denied && one.at->device == tree.device && one.at->path == tree.path;
    });
    std::string own = WhyNotOwn(tree, exact && IsHarmless(mount));
    if (!own.empty()) return own;
    const Listed* around = Around(tree);
    if (around == nullptr) around = AroundFilesystem(above);
    if (around != nullptr && around->denied && !IsEngineFile(tree, *around->at)) {
      return "within " + around->label;
    }
    const auto inside = std::ranges::find_if(
        listed_, [&](const Listed& one) { return one.denied && Beneath(*one.at, tree); });
    return exact || inside == listed_.end() ? "" : "above " + inside->label;
  }

  // A filesystem lies within what one of its mount points lies in, unless something nearer is
  // listed, or an engine mounts it for its containers. Null for nothing denied.
  [[nodiscard]] const Listed* AroundFilesystem(const Chains& above) const {
    for (const std::vector<Location>& chain : above) {
      for (const Location& at : chain) {
        const Listed* around = Around(at);
        if (around == nullptr) continue;
        if (around->denied && !IsEngineFile(at, *around->at)) return around;
        break;
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::string WhyNotOwn(const Location& tree, bool above_allowed) const {
    for (const Listed& one : own_) {
      if (Beneath(tree, *one.at)) return "within " + one.label;
      if (Beneath(*one.at, tree) && !above_allowed) return "above " + one.label;
    }
    return "";
  }

  // The longest listed path that the tree lies beneath; null for none. Allowed ones come last: of a
  // group's path and the same one allowed, that counts.
  [[nodiscard]] const Listed* Around(const Location& tree) const {
    const Listed* longest = nullptr;
    for (const Listed& one : listed_) {
      if (!Beneath(tree, *one.at)) continue;
      if (longest == nullptr || one.at->path.size() >= longest->at->path.size()) longest = &one;
    }
    return longest;
  }

  // Read-only with all that is mounted beneath: "ro" alone leaves the mounts beneath writable.
  static bool IsHarmless(const MountConfig& mount) {
    const auto has = [&](std::string_view option) {
      return std::ranges::find(mount.options, option) != mount.options.end();
    };
    return mount.read_only && (has("rro") || !IsRecursive(mount));
  }

  // What the engine brings itself, beneath the directory that is denied or in one beneath that.
  [[nodiscard]] bool IsEngineFile(const Location& tree, const Location& denied) const {
    return std::ranges::any_of(EngineFiles(), [&](const EngineFile& file) {
      const Location* directory = Find(file.directory);
      if (directory == nullptr) return false;
      // What is denied deeper than there is denied.
      if (Beneath(denied, *directory) && !Beneath(*directory, denied)) return false;
      if (!Beneath(tree, *directory)) return false;
      const size_t skip = directory->path == "/" ? 0 : directory->path.size();
      return WithinTail(tree.path.substr(skip), file.tail);
    });
  }

  // Whether the first components of `path` fit all of the tail's.
  static bool WithinTail(std::string_view path, std::string_view tail) {
    const auto parts = static_cast<size_t>(std::ranges::count(tail, '/')) + 1;
    size_t end = 0;
    for (size_t i = 0; i < parts; ++i) {
      if (end >= path.size()) return false;
      end = std::min(path.find('/', end + 1), path.size());
    }
    return PathGlobMatch("/" + std::string(tail), path.substr(0, end));
  }

  void JudgeType(size_t index) {
    const MountConfig& mount = config_.mounts[index];
    const bool looked_at = std::ranges::any_of(
        host_.sources, [&](const SourceView& source) { return source.mount == index; });
    if (mount.bind || looked_at) return;
    if (std::ranges::find(kOwnTypes, mount.type) != kOwnTypes.end()) return;
    findings_.push_back({"mounts",
                         "a filesystem of type " + Quoted(mount.type) + " from " +
                             Quoted(mount.source) + " at " + Quoted(mount.destination),
                         Describe()});
  }

  void Add(const SourceView& source, const std::string& why) {
    const MountConfig& mount = config_.mounts[source.mount];
    std::string asked = Quoted(mount.source);
    if (!source.path.empty() && source.path != mount.source)
      asked += ", which is " + Quoted(source.path) + ",";
    findings_.push_back(
        {"mounts", asked + " at " + Quoted(mount.destination) + ", " + Tame(why), Describe()});
  }

  [[nodiscard]] std::string Describe() const {
    if (rule_.denied_sources.empty()) return "nothing of runward's own directories";
    std::string text = "nothing of";
    for (const std::string& source : rule_.denied_sources) text += " " + source;
    if (rule_.allowed_sources.empty()) return text;
    text += ", except";
    for (const std::string& source : rule_.allowed_sources) text += " " + source;
    return text;
  }

  const RunRule& rule_;
  const ContainerConfig& config_;
  const HostView& host_;
  std::vector<RunFinding>& findings_;
  std::vector<Listed> own_;
  std::vector<Listed> listed_;
  bool sockets_ = false;
};

}  // namespace

void JudgeMounts(const RunRule& rule, const ContainerConfig& config, const HostView& host,
                 std::vector<RunFinding>& findings) {
  Judge(rule, config, host, findings).Run();
}

}  // namespace runward
