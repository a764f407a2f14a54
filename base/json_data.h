#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

// The document's storage, shared by json.cc and json_parser.cc; nobody else's business.
namespace runward {

// Nodes lie in document order, a container before its members, so that a member's sibling is found
// by `next` and its first child is the node after it.
struct JsonValue::Node {
  std::string_view key;
  std::string_view text;  // decoded string, or the number's or literal's bytes
  uint32_t offset = 0;    // of the value in the text
  uint32_t end = 0;       // one past it
  uint32_t next = 0;      // index of the node after this one's whole subtree
  uint32_t children = 0;  // direct members or elements
  JsonKind kind = JsonKind::kNull;
};

struct JsonValue::Data {
  std::string text;
  std::vector<Node> nodes;
  std::deque<std::string> decoded;  // strings that had escapes; their addresses stay
};

}  // namespace runward
