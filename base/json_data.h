#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

// The document's storage, shared by json.cc and json_parser.cc; nobody else's business.
namespace runward {

// A string's content: `size` bytes of the text from `at`; or, when it had escapes, the decoded
// string of that number.
struct JsonPiece {
  uint32_t at = 0;
  uint32_t size = 0;
  bool decoded = false;
};

// Nodes lie in document order, a container before its members, so that a member's sibling is found
// by `next` and its first child is the node after it. They are kept small: a policy of a thousand
// profiles has ten thousand, and every new page of memory costs a start more than reading it.
struct JsonValue::Node {
  uint32_t offset = 0;    // of the value in the text
  uint32_t end = 0;       // one past it
  uint32_t next = 0;      // index of the node after this one's whole subtree
  uint32_t children = 0;  // direct members or elements; of a decoded string, its number
  uint32_t key_at = 0;    // a JsonPiece, unfolded
  uint32_t key_size = 0;
  uint8_t key_decoded = 0;  // 0 or 1; no bool, which could not hold what Restore has to look at
  uint8_t decoded = 0;
  JsonKind kind = JsonKind::kNull;
};

struct JsonValue::Data {
  std::string_view text;
  std::span<const Node> nodes;
  std::deque<std::string> decoded;  // strings that had escapes; their addresses stay

  // What text and nodes are views of: what was parsed, or somebody else's memory, kept alive.
  std::string own_text;
  std::vector<Node> own_nodes;
  std::shared_ptr<const void> kept;

  // Whether every walk over the nodes ends, and stays among them and in the text. For nodes that no
  // parser made of this text (json_compiled.cc).
  [[nodiscard]] bool IsTree() const;
  [[nodiscard]] bool Holds(const Node& node) const;

  [[nodiscard]] std::string_view View(const JsonPiece& piece) const {
    if (piece.decoded) return decoded[piece.at];
    return text.substr(piece.at, piece.size);
  }
  [[nodiscard]] std::string_view KeyOf(const Node& node) const {
    return View({node.key_at, node.key_size, node.key_decoded != 0});
  }
  [[nodiscard]] std::string_view TextOf(const Node& node) const {
    if (node.decoded != 0) return decoded[node.children];
    const bool container = node.kind == JsonKind::kObject || node.kind == JsonKind::kArray;
    const uint32_t quote = node.kind == JsonKind::kString ? 1 : 0;
    if (container) return "";
    return text.substr(node.offset + quote, node.end - node.offset - 2 * quote);
  }
};

}  // namespace runward
