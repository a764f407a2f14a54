#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/record.h"
#include "vault/superblock.h"

namespace runward {

// The record that ends what one commit appended. Each names the one before, and the digest of every
// byte between the two; so all of the body is proven by the newest, also what nothing refers to any
// more.
struct Commit {
  uint64_t generation = 0;
  uint64_t time = 0;
  uint64_t begin = 0;  // where its bytes begin: the end of the commit before
  RecordRef previous;  // none for the file's first
  RecordRef root;
  Mac digest{};  // BLAKE2b-256 (no key) of the bytes from `begin` to this record

  [[nodiscard]] std::string Format() const;
  static Result<Commit> Parse(std::string_view plain);
};

}  // namespace runward
