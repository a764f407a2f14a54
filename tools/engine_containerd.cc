#include <algorithm>
#include <vector>

#include "tools/engine_config.h"
#include "tools/toml.h"

namespace runward {
namespace {

constexpr std::string_view kBegin =
    "# runward begins (runwardctl configure containerd --remove takes it out)\n";
constexpr std::string_view kEnd = "# runward ends\n";
constexpr std::string_view kDefaultKey = "default_runtime_name";

TomlPath Below(TomlPath path, std::initializer_list<std::string_view> names) {
  path.insert(path.end(), names.begin(), names.end());
  return path;
}

// What configures Kubernetes' containers; ctr and Docker name their runtime themselves.
TomlPath Cri() { return {"plugins", "io.containerd.grpc.v1.cri", "containerd"}; }
TomlPath Runtime(std::string_view name) { return Below(Cri(), {"runtimes", name}); }
TomlPath Program() { return Below(Runtime(kRuntimeName), {"options", "BinaryName"}); }

bool Begins(const TomlPath& path, const TomlPath& prefix) {
  return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

Result<void> CheckVersion(const TomlDocument& document) {
  if (document.text.find_first_not_of(" \t\r\n") == std::string::npos) return {};
  if (document.Value({"version"}) == "2") return {};
  return Error{"it is not of version 2, the only one that is understood (it " +
                   (document.Entry({"version"}) == nullptr
                        ? std::string("names none")
                        : "says " + std::string(document.Value({"version"}))) +
                   ")",
               "`containerd config dump` shows the running configuration in version 2"};
}

// An inline table, or a list of tables, on the way to ours cannot be added to by a table elsewhere.
Result<void> CheckOpen(const TomlDocument& document) {
  const TomlPath ours = Program();
  for (const TomlEntry& entry : document.entries) {
    const bool whole = entry.path.size() < ours.size() && Begins(ours, entry.path);
    if (!whole) continue;
    return Error{"\"" + TomlPathText(entry.path) + "\" is written as a value, not as a table",
                 "write it as [" + TomlPathText(entry.path) + "]"};
  }
  for (const TomlTable& table : document.tables) {
    if (table.array && Begins(ours, table.path)) {
      return Error{"[[" + TomlPathText(table.path) + "]] is a list of tables", ""};
    }
  }
  return {};
}

Result<TomlDocument> Read(const std::string& text) {
  TomlDocument document = TRY(ReadToml(text));
  TRY(CheckVersion(document));
  TRY(CheckOpen(document));
  return document;
}

// runc's own settings (SystemdCgroup above all) hold for the same program behind runward.
std::string CopyOf(const TomlDocument& document, const TomlPath& table, std::string_view but,
                   const std::string& indent) {
  std::string lines;
  for (const TomlEntry& entry : document.entries) {
    if (!Begins(entry.path, table) || entry.path.size() != table.size() + 1) continue;
    if (entry.path.back() == but) continue;
    lines += indent + TomlPathText({entry.path.back()}) + " = " +
             document.text.substr(entry.value, entry.end - entry.value) + "\n";
  }
  return lines;
}

std::string RuntimeTables(const TomlDocument& document, const std::string& program) {
  const std::string path = TomlPathText(Runtime(kRuntimeName));
  const TomlPath options = Below(Runtime("runc"), {"options"});
  return "[" + path + "]\n  runtime_type = \"io.containerd.runc.v2\"\n" +
         CopyOf(document, Runtime("runc"), "runtime_type", "  ") + "  [" + path +
         ".options]\n    BinaryName = " + TomlString(program) + "\n" +
         CopyOf(document, options, "BinaryName", "    ");
}

std::string Replaced(const TomlDocument& document, const TomlEntry& entry, std::string_view value) {
  std::string text = document.text;
  return text.replace(entry.value, entry.end - entry.value, value);
}

// The default's line, as the first of its table.
std::string InsertDefault(const TomlDocument& document, const TomlTable& table) {
  const size_t blank = document.text.find_first_not_of(" \t", table.begin);
  std::string line(document.text, table.begin, blank - table.begin);
  line += "  " + std::string(kDefaultKey) + " = \"runward\"\n";
  std::string text = document.text;
  const bool ended = table.body == 0 || text[table.body - 1] == '\n';
  return text.insert(table.body, ended ? line : "\n" + line);
}

Result<std::string> AddDefault(const std::string& text, std::string& block) {
  const TomlDocument document = TRY(Read(text));
  const TomlEntry* entry = document.Entry(Below(Cri(), {kDefaultKey}));
  const std::string ours = TomlString(kRuntimeName);
  if (entry != nullptr) {
    return text.substr(entry->value, entry->end - entry->value) == ours
               ? text
               : Replaced(document, *entry, ours);
  }
  if (const TomlTable* table = document.Table(Cri())) return InsertDefault(document, *table);
  block += "[" + TomlPathText(Cri()) + "]\n  " + std::string(kDefaultKey) + " = " + ours + "\n";
  return text;
}

Result<std::string> Add(const std::string& text, const EngineSettings& settings) {
  if (!settings.root_flag.empty()) {
    return Error{"containerd cannot pass " + settings.root_flag + " to a runtime",
                 "use the installation in /etc/runward"};
  }
  const TomlDocument document = TRY(Read(text));
  std::string changed = text;
  std::string block;
  const TomlEntry* program = document.Entry(Program());
  if (program != nullptr && document.Value(Program()) != TomlString(settings.program)) {
    changed = Replaced(document, *program, TomlString(settings.program));
  }
  if (settings.make_default) changed = TRY(AddDefault(changed, block));
  if (program == nullptr) {
    if (document.Table(Runtime(kRuntimeName)) != nullptr) {
      return Error{"[" + TomlPathText(Runtime(kRuntimeName)) +
                       "] is there, without BinaryName below its options",
                   "complete it or take it out"};
    }
    block += RuntimeTables(document, settings.program);
  }
  if (block.empty()) return changed;
  if (changed.find_first_not_of(" \t\r\n") == std::string::npos) changed = "version = 2\n";
  if (!changed.ends_with('\n')) changed += '\n';
  changed += "\n" + std::string(kBegin) + block + std::string(kEnd);
  (void)TRY(Read(changed));  // never a file that we ourselves would refuse
  return changed;
}

// Our blocks, with the blank line before each.
std::string WithoutBlocks(std::string text) {
  while (true) {
    const size_t begin = text.find(kBegin);
    const size_t end = begin == std::string::npos ? begin : text.find(kEnd, begin);
    if (end == std::string::npos) return text;
    const size_t from = begin >= 2 && text.substr(begin - 2, 2) == "\n\n" ? begin - 1 : begin;
    text.erase(from, end + kEnd.size() - from);
  }
}

// Tables of ours that stand outside of a block, where somebody moved them.
Result<std::string> WithoutTables(std::string text) {
  const TomlDocument document = TRY(Read(text));
  for (auto table = document.tables.rbegin(); table != document.tables.rend(); ++table) {
    if (Begins(table->path, Runtime(kRuntimeName))) {
      text.erase(table->begin, table->end - table->begin);
    }
  }
  return text;
}

Result<std::string> WithFormerDefault(const std::string& text, const std::string& before) {
  const TomlPath path = Below(Cri(), {kDefaultKey});
  const TomlDocument document = TRY(Read(text));
  const TomlEntry* entry = document.Entry(path);
  if (entry == nullptr || document.Value(path) != TomlString(kRuntimeName)) return text;
  const auto former = Read(before);
  if (former.ok() && former.value().Entry(path) != nullptr &&
      former.value().Value(path) != TomlString(kRuntimeName)) {
    return Replaced(document, *entry, former.value().Value(path));
  }
  const size_t newline = text.find('\n', entry->end);
  std::string changed = text;
  return changed.erase(entry->line,
                       newline == std::string::npos ? newline : newline + 1 - entry->line);
}

Result<std::string> Remove(const std::string& text, const std::string& before) {
  (void)TRY(Read(text));
  const std::string tables = TRY(WithoutTables(WithoutBlocks(text)));
  return WithFormerDefault(tables, before);
}

Result<EngineConfig::Entry> Find(const std::string& text) {
  const TomlDocument document = TRY(Read(text));
  std::string_view program = document.Value(Program());
  if (program.size() >= 2) program = program.substr(1, program.size() - 2);
  return EngineConfig::Entry{
      .program = std::string(program),
      .is_default = document.Value(Below(Cri(), {kDefaultKey})) == TomlString(kRuntimeName)};
}

}  // namespace

const EngineConfig kContainerdConfig = {
    .name = "containerd",
    .file = "/etc/containerd/config.toml",
    .whole_file = false,
    .restart = "systemctl restart containerd",
    .add = Add,
    .remove = Remove,
    .find = Find,
};

}  // namespace runward
