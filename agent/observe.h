#pragma once

#include <string>

#include "agent/fanotify_group.h"
#include "agent/kernel_rules.h"
#include "agent/watched.h"
#include "oci/learned_commands.h"

namespace runward {

// What a container is executing, as it is learned. By fanotify's question, whose task waits: `path`
// is the file's, in the container.
LearnedCommand Observe(Watched& container, const OpenTry& what, const std::string& path);

// By the kernel's programs, of what fanotify is not asked about (volumes): the file as it was
// called, and the parent if it still lives.
LearnedCommand Observe(const Watched& container, const KernelEvent& event);

// Whether the event is about a file that fanotify is not asked about, and that was executed.
bool TellsMore(const Watched& container, const KernelEvent& event);

}  // namespace runward
