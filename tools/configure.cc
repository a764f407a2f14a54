#include <unistd.h>

#include <array>
#include <optional>

#include "base/event_text.h"
#include "base/file.h"
#include "base/trusted_path.h"
#include "tools/config_file.h"
#include "tools/console.h"
#include "tools/divert.h"
#include "tools/engine_config.h"
#include "tools/options.h"
#include "tools/setup.h"
#include "tools/unified_diff.h"

namespace runward {
namespace {

struct Request {
  EngineConfig engine;
  EngineSettings settings;
  std::string file;
  bool divert = false;
  bool dry_run = false;
  bool remove = false;
};

constexpr std::string_view kEngines = "docker, containerd, podman or crio";

Result<Request> Parse(const CommandLine& line) {
  const Options options = TRY(Options::Parse(line.args, {{"--default", false},
                                                         {"--divert", false},
                                                         {"--dry-run", false},
                                                         {"--file", true},
                                                         {"--remove", false}}));
  if (options.words().size() != 1) {
    return Error{"it takes one engine: " + std::string(kEngines), ""};
  }
  Request request{
      .settings = {.root_flag = line.paths.root_flag, .make_default = options.Has("--default")},
      .divert = options.Has("--divert"),
      .dry_run = options.Has("--dry-run"),
      .remove = options.Has("--remove")};
  if (request.remove && request.settings.make_default) {
    return Error{"--remove takes the default back too: leave --default out", ""};
  }
  for (const EngineConfig& engine : EngineConfigs()) {
    if (engine.name == options.words().front()) request.engine = engine;
  }
  if (request.engine.name.empty()) {
    return Error{"unknown engine " + Shown(options.words().front()),
                 "it is one of " + std::string(kEngines)};
  }
  // Another file than the engine's own is no reason to change what this machine runs.
  request.divert = request.divert || (request.remove && !options.Has("--file"));
  request.file = options.Last("--file", std::string(request.engine.file));
  if (!request.file.starts_with('/')) return Error{"--file needs an absolute path", ""};
  return request;
}

Error InFile(const Request& request, const Error& error) {
  return Error{request.file + ": " + error.message + "; nothing was changed", error.hint};
}

// nullopt: the file goes.
Result<std::optional<std::string>> Without(const Request& request, const ConfigFile& file) {
  const std::string backup = BackupOf(request.file);
  const std::string before = ReadBackup(request.file);
  const bool known = !FileMissing(backup);
  // What was ours alone goes to the byte; what others changed since stays.
  if (!file.missing() && OnlyOurs(request.engine, file.text(), before)) {
    if (!known) return std::optional<std::string>();
    return std::optional(before);
  }
  auto text = request.engine.remove(file.text(), before);
  if (!text.ok()) return InFile(request, text.error());
  if (request.engine.whole_file) return std::optional<std::string>();
  return std::optional(std::move(text).value());
}

Result<std::optional<std::string>> Wanted(const Request& request, const ConfigFile& file) {
  if (request.remove) {
    if (file.missing()) return std::optional<std::string>();
    return Without(request, file);
  }
  auto text = request.engine.add(file.text(), request.settings);
  if (!text.ok()) return InFile(request, text.error());
  return std::optional(std::move(text).value());
}

Result<void> Backup(const Request& request, const ConfigFile& file) {
  if (file.missing() || request.engine.whole_file) return {};
  if (request.remove) return file.WriteBeside(request.file + ".with-runward", file.text());
  // The text before runward, not the one between two calls of ours.
  const auto entry = request.engine.find(file.text());
  if (entry.ok() && !entry.value().program.empty() && !FileMissing(BackupOf(request.file)))
    return {};
  return file.WriteBeside(BackupOf(request.file), file.text());
}

Result<void> Change(const Request& request, const ConfigFile& file,
                    const std::optional<std::string>& text) {
  if (text) TRY(Backup(request, file));  // a file that goes held nothing but ours
  TRY(text ? file.Write(*text) : file.Remove());
  const std::string backup = BackupOf(request.file);
  if (request.remove && text && ReadBackup(request.file) == *text) unlink(backup.c_str());
  if (text && !request.engine.whole_file && !file.missing()) {
    Print("what stood there before: " +
          (request.remove ? request.file + ".with-runward" : BackupOf(request.file)) + "\n");
  }
  return {};
}

Result<void> Configure(const Request& request) {
  const ConfigFile file = TRY(ConfigFile::Open(request.file));
  const std::optional<std::string> text = TRY(Wanted(request, file));
  if (text ? *text == file.text() && !file.missing() : file.missing()) {
    Print(request.file + ": nothing to change\n");
    return {};
  }
  PrintExact(UnifiedDiff(file.text(), text.value_or(""),
                         file.missing() ? "/dev/null" : request.file,
                         text ? request.file : "/dev/null"));
  if (request.dry_run) {
    Print("nothing was written (--dry-run)\n");
    return {};
  }
  TRY(Change(request, file, text));
  Print((text ? "wrote " : "removed ") + request.file + "\n");
  if (!request.engine.restart.empty()) {
    Print("next: " + std::string(request.engine.restart) +
          "   (the engine reads the file when it starts)\n");
  }
  return {};
}

template <size_t N>
Result<void> RunSteps(const Request& request, const Diversion& diversion,
                      const std::array<DivertStep, N>& steps) {
  for (const DivertStep& step : steps) {
    Print(diversion.path + ": " + std::string(step.what) + "\n");
    if (!request.dry_run) TRY(step.run(diversion));
  }
  return {};
}

Result<void> Divert(const Request& request) {
  const std::vector<std::string> paths = RuncPaths();
  if (paths.empty() && !request.remove) {
    return Error{"there is no runc in /usr/sbin or /usr/bin to put runward before",
                 "install runc, or leave --divert out"};
  }
  for (const std::string& path : paths) {
    const Diversion diversion{.path = path, .program = request.settings.program};
    const Diverted now = DivertedNow(diversion);
    if (now == (request.remove ? Diverted::kNo : Diverted::kYes)) continue;
    if (request.remove) {
      TRY(RunSteps(request, diversion, RestoreSteps()));
    } else {
      TRY(RunSteps(request, diversion, DivertSteps()));
    }
  }
  return {};
}

}  // namespace

Result<std::string> ProgramBeside(const std::string& name) {
  std::string self = TRY(Resolve("/proc/self/exe"));
  const std::string path = self.substr(0, self.rfind('/') + 1) + name;
  auto trusted = ResolveTrusted(path);
  if (!trusted.ok()) {
    return Error{trusted.error().message, "install " + name + " beside runwardctl"};
  }
  return path;
}

int ConfigureCommand(const CommandLine& line) {
  auto request = Parse(line);
  if (!request.ok()) return PrintUsage("configure", request.error());
  const auto program = ProgramBeside("runward");
  if (!program.ok()) return PrintError(program.error());
  request.value().settings.program = program.value();
  // What calls runc by its path is the last to be changed, and the last to be taken back to runc.
  const auto configured = Configure(request.value());
  if (!configured.ok()) return PrintError(configured.error());
  if (request.value().divert) {
    const auto diverted = Divert(request.value());
    if (!diverted.ok()) return PrintError(diverted.error());
  }
  return Finish(kExitDone);
}

}  // namespace runward
