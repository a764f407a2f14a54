#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

struct yaml_document_s;
struct yaml_node_s;

namespace runward {

// A look at YAML 1.1 (and so at JSON) that somebody else wrote, by libyaml: ignore files, and what
// the vault imports. Every scalar is its text: what "yes" or "1e3" mean is the reader's business.
// An alias is the node that it names, never a copy.
class YamlNode {
 public:
  YamlNode() = default;  // absent: no text, members or items
  YamlNode(yaml_document_s* document, yaml_node_s* node) : document_(document), node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  [[nodiscard]] bool IsScalar() const;
  [[nodiscard]] bool IsList() const;
  [[nodiscard]] bool IsMap() const;
  [[nodiscard]] bool IsNull() const;            // "~", "null" or nothing, without quotes
  [[nodiscard]] size_t line() const;            // from 1
  [[nodiscard]] std::string_view text() const;  // of a scalar
  [[nodiscard]] YamlNode Find(std::string_view key) const;
  [[nodiscard]] std::vector<std::pair<std::string, YamlNode>> Members() const;
  [[nodiscard]] std::vector<YamlNode> Items() const;

 private:
  friend class PlainYaml;
  yaml_document_s* document_ = nullptr;
  yaml_node_s* node_ = nullptr;
};

// Calls `visit` with the root of each document; nodes are valid during the call. Errors of the text
// say line and column.
Result<void> EachYamlDocument(std::string_view text,
                              const std::function<Result<void>(const YamlNode&)>& visit);

// What can be read one way only, for a document that decides something: no alias, no tag that gives
// a value another meaning, keys that are texts, none of them twice, at most 16 levels and 100,000
// values. The Error says the line.
Result<void> CheckPlainYaml(const YamlNode& root);

}  // namespace runward
