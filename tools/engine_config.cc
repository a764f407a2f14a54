#include "tools/engine_config.h"

#include <array>

namespace runward {

std::span<const EngineConfig> EngineConfigs() {
  static const std::array<EngineConfig, 4> kEngines = {kContainerdConfig, kCrioConfig,
                                                       kDockerConfig, kPodmanConfig};
  return kEngines;
}

bool OnlyOurs(const EngineConfig& engine, const std::string& text, const std::string& before) {
  const auto entry = engine.find(text);
  if (!entry.ok() || entry.value().program.empty()) return false;
  for (const bool make_default : {false, true}) {
    const EngineSettings settings{.program = entry.value().program, .make_default = make_default};
    const auto again = engine.add(before, settings);
    if (!again.ok()) continue;
    if (again.value() == text) return true;
    // The entry alone first, and the default in a second call.
    const auto twice =
        engine.add(engine.add(before, {.program = settings.program}).value(), settings);
    if (twice.ok() && twice.value() == text) return true;
  }
  return false;
}

}  // namespace runward
