#pragma once

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// Where the worker leaves descriptors that its successor has to find: a pair of connected sockets,
// in which messages lie that hold them. Whoever holds the pair holds them all, without knowing how
// many there are: the keeper, a service manager, another agent.
struct ShelfEnds {
  UniqueFd in;
  UniqueFd out;
};

class CallShelf {
 public:
  static Result<ShelfEnds> Make();
  // Of a pair that stays the caller's.
  CallShelf(int in, int out) : in_(in), out_(out) {}

  // Puts a duplicate of the file there, with a text that is its own. False when there is no room.
  [[nodiscard]] bool Put(int file, const std::string& text) const;
  // Shows all that lie there, in their order, to `keep`; those for which that returns false are
  // taken away. A
  // process that dies meanwhile leaves each at least once, and perhaps one of them twice.
  using Visit = std::function<bool(int file, const std::string& text)>;
  void Sort(const Visit& keep) const;

 private:
  int in_;
  int out_;
};

}  // namespace runward
