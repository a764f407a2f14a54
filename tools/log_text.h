#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace runward {

// For what lands in a build system's log, which reads commands out of it: "##" anywhere in a line
// begins one for Azure Pipelines ("##vso["), TeamCity and older GitHub runners ("##["), "::" at its
// beginning for GitHub Actions. Both are shown as escapes instead. The runner passes over what
// Unicode calls white space, here all that is not ASCII's. Control characters are for
// base/event_text.h, but those that may end a line are taken for that.
std::string WithoutLogCommands(std::string text);

// Indented JSON and a newline, the same to whoever parses it: "##" and all that is not ASCII, so
// also what reorders or hides text, are escaped. No line of it begins with "::".
std::string LogJson(const nlohmann::ordered_json& json);

}  // namespace runward
