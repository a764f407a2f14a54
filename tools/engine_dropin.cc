// podman and CRI-O read a directory of files: ours is one of them, and holds nothing else.
#include "tools/engine_config.h"
#include "tools/toml.h"

namespace runward {
namespace {

constexpr std::string_view kHead =
    "# Written whole by `runwardctl configure`, and taken out by it with --remove.\n";

Error NotOurs() {
  return Error{"a file of that name is there, which runwardctl did not write",
               "move it away, or name another with --file"};
}

Result<void> CheckOurs(const std::string& text) {
  if (!text.empty() && !text.starts_with(kHead)) return NotOurs();
  return {};
}

Result<void> CheckSettings(const EngineSettings& settings) {
  if (settings.root_flag.empty()) return {};
  return Error{"this engine cannot pass " + settings.root_flag + " to a runtime",
               "use the installation in /etc/runward, or Docker"};
}

using Text = std::string (*)(const EngineSettings& settings);

Result<std::string> AddText(const std::string& text, EngineSettings settings, Text make,
                            const EngineConfig& engine) {
  TRY(CheckOurs(text));
  TRY(CheckSettings(settings));
  // A second call without --default takes nothing back.
  settings.make_default = settings.make_default || TRY(engine.find(text)).is_default;
  return std::string(kHead) + make(settings);
}

Result<std::string> RemoveText(const std::string& text, const std::string& /*before*/) {
  TRY(CheckOurs(text));
  return std::string();
}

Result<EngineConfig::Entry> FindIn(const std::string& text, const TomlPath& program,
                                   const TomlPath& default_runtime) {
  const TomlDocument document = TRY(ReadToml(text));
  EngineConfig::Entry entry;
  const std::string_view value = document.Value(program);
  // ["/usr/sbin/runward"] or "/usr/sbin/runward"
  const size_t begin = value.find('"');
  const size_t end = value.rfind('"');
  if (begin < end && end != std::string_view::npos) {
    entry.program = value.substr(begin + 1, end - begin - 1);
  }
  entry.is_default = document.Value(default_runtime) == TomlString(kRuntimeName);
  return entry;
}

std::string PodmanText(const EngineSettings& settings) {
  const std::string chosen = settings.make_default ? "runtime = \"runward\"\n" : "";
  return "[engine]\n" + chosen + "\n[engine.runtimes]\nrunward = [" + TomlString(settings.program) +
         "]\n";
}

Result<std::string> AddPodman(const std::string& text, const EngineSettings& settings) {
  return AddText(text, settings, PodmanText, kPodmanConfig);
}

Result<EngineConfig::Entry> FindPodman(const std::string& text) {
  return FindIn(text, {"engine", "runtimes", std::string(kRuntimeName)}, {"engine", "runtime"});
}

std::string CrioText(const EngineSettings& settings) {
  const std::string chosen = settings.make_default ? "default_runtime = \"runward\"\n" : "";
  return "[crio.runtime]\n" + chosen +
         "\n[crio.runtime.runtimes.runward]\nruntime_path = " + TomlString(settings.program) +
         "\nruntime_type = \"oci\"\nruntime_root = \"/run/runc\"\n";
}

Result<std::string> AddCrio(const std::string& text, const EngineSettings& settings) {
  return AddText(text, settings, CrioText, kCrioConfig);
}

Result<EngineConfig::Entry> FindCrio(const std::string& text) {
  return FindIn(text, {"crio", "runtime", "runtimes", std::string(kRuntimeName), "runtime_path"},
                {"crio", "runtime", "default_runtime"});
}

}  // namespace

const EngineConfig kPodmanConfig = {
    .name = "podman",
    .file = "/etc/containers/containers.conf.d/99-runward.conf",
    .whole_file = true,
    .restart = "",  // each call reads it
    .add = AddPodman,
    .remove = RemoveText,
    .find = FindPodman,
};

const EngineConfig kCrioConfig = {
    .name = "crio",
    .file = "/etc/crio/crio.conf.d/99-runward.conf",
    .whole_file = true,
    .restart = "systemctl restart crio",
    .add = AddCrio,
    .remove = RemoveText,
    .find = FindCrio,
};

}  // namespace runward
