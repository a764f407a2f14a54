#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace runward {

// What is to stand in an engine's configuration.
struct EngineSettings {
  std::string program;        // absolute path of runward
  std::string root_flag;      // "" or "--runward-root=DIR"; only Docker can pass it
  bool make_default = false;  // also the runtime of containers that name none
};

// How one engine is told of runward. The functions take and give a file's text and touch nothing.
struct EngineConfig {
  std::string_view name;     // "docker"
  std::string_view file;     // where the engine looks
  bool whole_file;           // the file is a drop-in that holds nothing but ours
  std::string_view restart;  // what makes the engine read it
  // The text with runward in it; the same text when it is there already. Nothing else changes.
  Result<std::string> (*add)(const std::string& text, const EngineSettings& settings);
  // The text without; what was the default before is taken from `before`, the text before runward
  // came ("" when that is not known).
  Result<std::string> (*remove)(const std::string& text, const std::string& before);
  // The program that is entered under our name, "" when none is, and whether it is the default.
  struct Entry {
    std::string program;
    bool is_default = false;
  };
  Result<Entry> (*find)(const std::string& text);
};

inline constexpr std::string_view kRuntimeName = "runward";

// Sorted by name: containerd, crio, docker, podman.
std::span<const EngineConfig> EngineConfigs();

extern const EngineConfig kContainerdConfig;
extern const EngineConfig kCrioConfig;
extern const EngineConfig kDockerConfig;
extern const EngineConfig kPodmanConfig;

// Our entry and nothing else, as it would stand had `before` been changed: whether removing it may
// bring `before` back byte for byte.
bool OnlyOurs(const EngineConfig& engine, const std::string& text, const std::string& before);

}  // namespace runward
