#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// How clients of runward-agent reach it (oci/agent_client.h has what they may ask).

// What is wrong with it, and how to start it.
Error NoAgentAnswers(const std::string& why);

// Each step on it ends within `patience` seconds; `flags` are socket(2)'s. Not valid when no agent
// runs; `why` is then the error's number.
Result<UniqueFd> ConnectToAgent(const Paths& paths, int& why, int patience, int flags = 0);

Result<void> SendToAgent(int fd, std::string_view text);

// Every answer has "ok"; one that is not has the error to hand on. With the descriptors that came
// with it.
Result<JsonDocument> AnswerOfAgent(int fd, std::vector<UniqueFd>& handed);

}  // namespace runward
