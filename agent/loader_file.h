#pragma once

namespace runward {

// Whether an open file (readable) is a dynamic loader (ld.so(8)), by what it is rather than by its
// name or place: a shared object of names that others are linked to, yet which needs no interpreter
// itself. Executed, such a one maps whatever program it is given. A static program is none, nor is
// one that is independent of its position (-static-pie).
//
// A file that somebody changed to look like none is one that he brought: as much could be done by
// a copy of the program itself. Any library without an interpreter looks like a loader; executed,
// it would crash.
bool IsLoaderFile(int file);

}  // namespace runward
