#pragma once

#include <string>

#include "agent/command_judge.h"
#include "agent/fanotify_group.h"
#include "agent/kernel_rules.h"
#include "base/event.h"

namespace runward {

// The event of what fanotify asked about; the task waits, and is looked at.
Event EventOf(const JudgedTry& judged, const OpenTry& what, const std::string& tier);

// The event of what the kernel's programs decided by themselves.
Event EventOf(const Watched& container, const KernelEvent& event, const std::string& tier);

// What is executed in the container cannot be recorded (agent/learner.h).
Event EventOfLearning(const Watched& container, const Error& error, const std::string& tier);

// Decisions about a container that the kernel could not tell of one by one.
Event EventOfLost(const Watched& container, uint64_t count, const std::string& tier);

// A running container, by its record's key, that could not be taken in again.
Event EventOfNotTaken(const std::string& key, const Error& error, const std::string& tier);
// One that kept the agent waiting (agent/looks.h).
Event EventOfHeld(const std::string& key, const std::string& tier);

}  // namespace runward
