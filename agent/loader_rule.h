#pragma once

#include <optional>

#include "agent/command_files.h"
#include "agent/fanotify_group.h"
#include "agent/kernel_load.h"
#include "agent/watched.h"
#include "policy/command_rule.h"

namespace runward {

// The dynamic loader executed by itself (`ld.so PROGRAM`) maps what it is given, so that nobody is
// asked about PROGRAM as about something that is executed.

// Whether a rule would not hold for a program that a loader, executed by itself, maps. `tier` is of
// the kernel's program behind fanotify, if there is one: of what is mapped the better two are told
// the file, and that alone: not by whom it is executed, nor as which applet, nor with what; and
// every library is mapped, whether a list names it or not.
bool LoaderGoesRound(const CommandRule& rule, const CommandFiles& files,
                     std::optional<KernelTier> tier);

// Whether the list that holds for everybody names it: who names a loader there means it.
bool AllowsAll(const CommandRule& rule, const CommandTry& what);

// Whether it was found because no list that allows has the command.
bool ByList(const std::optional<CommandFinding>& found);

// What the rules say of `what`, which is executed, and of which they `found` that, when it is a
// loader. One that a program names as its interpreter is as good as the program, wherever it lies
// in the image.
std::optional<CommandFinding> JudgeAsLoader(const Watched& container, const OpenTry& what,
                                            const CommandTry& tried,
                                            std::optional<CommandFinding> found);

CommandFinding LoaderByItself(std::string_view path);

}  // namespace runward
