#include <cstring>
#include <type_traits>

#include "base/json.h"
#include "base/json_data.h"

// A document's nodes as bytes: reading a policy of a thousand profiles costs a start two
// milliseconds, reading its nodes a tenth of that.
namespace runward {

bool JsonValue::Data::Holds(const Node& node) const {
  const uint32_t quotes = node.kind == JsonKind::kString ? 2 : 0;
  return node.kind <= JsonKind::kObject && node.decoded == 0 && node.key_decoded == 0 &&
         node.offset <= node.end && node.end <= text.size() && node.end - node.offset >= quotes &&
         size_t{node.key_at} + node.key_size <= text.size();
}

bool JsonValue::Data::IsTree() const {
  std::vector<size_t> ends = {nodes.size()};  // of the containers that are open
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    while (ends.back() == i) ends.pop_back();
    const bool container = node.kind == JsonKind::kArray || node.kind == JsonKind::kObject;
    const bool full = node.next > i + 1;
    if (!Holds(node) || node.next <= i || node.next > ends.back()) return false;
    if (full != (container && node.children > 0)) return false;
    if (full) ends.push_back(node.next);
  }
  return !nodes.empty() && nodes.front().next == nodes.size();
}

std::string JsonDocument::Compiled() const {
  using Node = JsonValue::Node;
  static_assert(std::is_trivially_copyable_v<Node>);
  if (!data_->decoded.empty()) return "";
  return {reinterpret_cast<const char*>(data_->nodes.data()), data_->nodes.size_bytes()};
}

Result<JsonDocument> JsonDocument::Restore(std::string_view text, std::string_view compiled,
                                           std::shared_ptr<const void> owner) {
  using Node = JsonValue::Node;
  static_assert(alignof(Node) == kCompiledAlignment);
  auto data = std::make_unique<JsonValue::Data>();
  data->text = text;
  data->kept = std::move(owner);
  const bool whole = compiled.size() % sizeof(Node) == 0 &&
                     reinterpret_cast<uintptr_t>(compiled.data()) % alignof(Node) == 0;
  if (whole) {
    data->nodes = {reinterpret_cast<const Node*>(compiled.data()), compiled.size() / sizeof(Node)};
  }
  if (!whole || !data->IsTree()) return Error{"a compiled document that is not the text's", ""};
  return JsonDocument(std::move(data));
}

}  // namespace runward
