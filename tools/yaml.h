#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

struct yaml_document_s;
struct yaml_node_s;

namespace runward {

// A look at YAML 1.1 (and so at JSON) that somebody else wrote, by libyaml. Every scalar is its
// text: what "yes" or "1e3" mean is the reader's business. An alias is the node that it names,
// never a copy.
class YamlNode {
 public:
  YamlNode() = default;  // absent: no text, members or items
  YamlNode(yaml_document_s* document, yaml_node_s* node) : document_(document), node_(node) {}

  [[nodiscard]] bool IsScalar() const;
  [[nodiscard]] std::string_view text() const;  // of a scalar
  [[nodiscard]] YamlNode Find(std::string_view key) const;
  [[nodiscard]] std::vector<std::pair<std::string, YamlNode>> Members() const;
  [[nodiscard]] std::vector<YamlNode> Items() const;

 private:
  yaml_document_s* document_ = nullptr;
  yaml_node_s* node_ = nullptr;
};

// Calls `visit` with the root of each document; nodes are valid during the call. Errors of the text
// say line and column.
Result<void> EachYamlDocument(std::string_view text,
                              const std::function<Result<void>(const YamlNode&)>& visit);

}  // namespace runward
