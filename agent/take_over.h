#pragma once

#include "agent/worker.h"
#include "base/paths.h"
#include "base/result.h"

namespace runward {

// What an agent that is running guards its containers with, handed over by it (unix(7),
// SCM_RIGHTS); that one ends. So an upgrade, or a restart, leaves no moment without one. An Error
// when there is none.
Result<Kept> TakeOver(const Paths& paths);

// The other side: the answer to a client's request to take over.
Result<void> HandOver(int client, Kept& kept);

inline constexpr std::string_view kTakeOver = R"({"protocol":1,"ask":"take-over"})";

}  // namespace runward
