#include "vault/commit.h"

#include <algorithm>

namespace runward {

std::string Commit::Format() const {
  ByteWriter to;
  to.U64(generation).U64(time).U64(begin);
  previous.Write(to);
  root.Write(to);
  to.Raw({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return to.Take();
}

Result<Commit> Commit::Parse(std::string_view plain) {
  ByteReader from(plain);
  Commit commit;
  commit.generation = from.U64();
  commit.time = from.U64();
  commit.begin = from.U64();
  commit.previous = RecordRef::Read(from);
  commit.root = RecordRef::Read(from);
  const std::string_view digest = from.Raw(commit.digest.size());
  std::copy(digest.begin(), digest.end(), commit.digest.begin());
  if (!from.AtEnd()) return Error{"a commit of the vault is malformed", "restore it from a backup"};
  return commit;
}

}  // namespace runward
