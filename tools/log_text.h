#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace runward {

// For what lands in a build system's log, which reads commands out of it: "##" anywhere in a line
// begins one for Azure Pipelines ("##vso["), TeamCity and older GitHub runners ("##["), "::" at its
// beginning, after any white space, for GitHub Actions. Both are shown as escapes instead. Control
// characters are for base/event_text.h.
std::string WithoutLogCommands(std::string text);

// Indented JSON and a newline, the same to whoever parses it: "##" and all that is not ASCII, so
// also what reorders or hides text, are escaped. No line of it begins with "::".
std::string LogJson(const nlohmann::ordered_json& json);

}  // namespace runward
