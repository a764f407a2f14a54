#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace runward {

struct IgnoreMember;

// A YAML document as a tree, for ignore files. Strict and bounded: one document, no anchors,
// aliases or tags, no key twice, at most 16 levels and 100,000 nodes; every scalar is its text.
struct IgnoreNode {
  enum class Kind { kText, kList, kMap };
  Kind kind = Kind::kText;
  std::string text;
  bool plain = true;  // of a text: without quotes, so that it may be null
  size_t line = 1;    // from 1
  std::vector<IgnoreMember> members;

  [[nodiscard]] const IgnoreNode* Find(std::string_view name) const;
  [[nodiscard]] bool IsNull() const;
};

// A pair would have to be whole where the node that holds it is not (clang 14).
struct IgnoreMember {
  std::string first;  // the key; "" in a list
  IgnoreNode second;
};

// Errors say the line.
Result<IgnoreNode> ReadIgnoreTree(const std::string& text);

}  // namespace runward
