#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace runward {

// A YAML document as a tree, for ignore files. Strict and bounded: one document, no anchors,
// aliases or tags, no key twice, at most 16 levels and 100,000 nodes; every scalar is its text.
struct IgnoreNode {
  enum class Kind { kText, kList, kMap };
  Kind kind = Kind::kText;
  std::string text;
  bool plain = true;  // of a text: without quotes, so that it may be null
  size_t line = 1;    // from 1
  std::vector<std::pair<std::string, IgnoreNode>> members;  // keys are "" in a list

  [[nodiscard]] const IgnoreNode* Find(std::string_view name) const;
  [[nodiscard]] bool IsNull() const;
};

// Errors say the line.
Result<IgnoreNode> ReadIgnoreTree(const std::string& text);

}  // namespace runward
