#include "scan/yaml.h"

#include <yaml.h>

#include <set>

namespace runward {
namespace {

Error ErrorOf(const yaml_parser_t& parser) {
  const std::string problem = parser.problem == nullptr ? "it cannot be read" : parser.problem;
  return {"YAML, line " + std::to_string(parser.problem_mark.line + 1) + ", column " +
              std::to_string(parser.problem_mark.column + 1) + ": " + problem,
          ""};
}

struct Parser {
  yaml_parser_t parser{};
  Parser() { yaml_parser_initialize(&parser); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { yaml_parser_delete(&parser); }
};

struct Document {
  yaml_document_t document{};
  explicit Document(const yaml_document_t& loaded) : document(loaded) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  ~Document() { yaml_document_delete(&document); }
};

std::string_view TextOf(const yaml_node_t& node) {
  if (node.type != YAML_SCALAR_NODE) return {};
  return {reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length};
}

}  // namespace

bool YamlNode::IsScalar() const { return node_ != nullptr && node_->type == YAML_SCALAR_NODE; }

bool YamlNode::IsList() const { return node_ != nullptr && node_->type == YAML_SEQUENCE_NODE; }

bool YamlNode::IsMap() const { return node_ != nullptr && node_->type == YAML_MAPPING_NODE; }

bool YamlNode::IsNull() const {
  if (!IsScalar() || node_->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
  return text().empty() || text() == "~" || text() == "null";
}

size_t YamlNode::line() const { return node_ == nullptr ? 0 : node_->start_mark.line + 1; }

std::string_view YamlNode::text() const { return node_ == nullptr ? "" : TextOf(*node_); }

std::vector<std::pair<std::string, YamlNode>> YamlNode::Members() const {
  std::vector<std::pair<std::string, YamlNode>> members;
  if (node_ == nullptr || node_->type != YAML_MAPPING_NODE) return members;
  for (const yaml_node_pair_t* pair = node_->data.mapping.pairs.start;
       pair != node_->data.mapping.pairs.top; ++pair) {
    yaml_node_t* const key = yaml_document_get_node(document_, pair->key);
    yaml_node_t* const value = yaml_document_get_node(document_, pair->value);
    members.emplace_back(TextOf(*key), YamlNode(document_, value));
  }
  return members;
}

YamlNode YamlNode::Find(std::string_view key) const {
  for (const auto& [name, value] : Members()) {
    if (name == key) return value;
  }
  return {};
}

std::vector<YamlNode> YamlNode::Items() const {
  std::vector<YamlNode> items;
  if (node_ == nullptr || node_->type != YAML_SEQUENCE_NODE) return items;
  for (const yaml_node_item_t* item = node_->data.sequence.items.start;
       item != node_->data.sequence.items.top; ++item) {
    items.emplace_back(document_, yaml_document_get_node(document_, *item));
  }
  return items;
}

Result<void> EachYamlDocument(std::string_view text,
                              const std::function<Result<void>(const YamlNode&)>& visit) {
  Parser parser;
  yaml_parser_set_input_string(&parser.parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  while (true) {
    yaml_document_t loaded{};
    if (yaml_parser_load(&parser.parser, &loaded) == 0) return ErrorOf(parser.parser);
    Document document(loaded);
    yaml_node_t* const root = yaml_document_get_root_node(&document.document);
    if (root == nullptr) return {};
    TRY(visit(YamlNode(&document.document, root)));
  }
}

// Walks through a document.
class PlainYaml {
 public:
  Result<void> Check(const YamlNode& node, int depth) {
    constexpr int kMaxDepth = 16;
    constexpr size_t kMaxNodes = 100'000;
    if (depth > kMaxDepth) return At(node, "nested too deeply");
    if (!seen_.insert(node.node_).second) return At(node, "aliases are not read here");
    if (seen_.size() > kMaxNodes) return At(node, "too many values");
    if (!HasOwnTag(*node.node_)) return At(node, "tags are not read here");
    for (const YamlNode& item : node.Items()) TRY(Check(item, depth + 1));
    return node.IsMap() ? CheckMap(node, depth) : Result<void>();
  }

 private:
  static Error At(const YamlNode& node, const std::string& what) {
    return {"line " + std::to_string(node.line()) + ": " + what, ""};
  }

  static bool HasOwnTag(const yaml_node_t& node) {
    const std::string_view tag = reinterpret_cast<const char*>(node.tag);
    return tag == YAML_DEFAULT_SCALAR_TAG || tag == YAML_DEFAULT_SEQUENCE_TAG ||
           tag == YAML_DEFAULT_MAPPING_TAG;
  }

  Result<void> CheckMap(const YamlNode& map, int depth) {
    std::set<std::string_view> keys;
    for (const yaml_node_pair_t* pair = map.node_->data.mapping.pairs.start;
         pair != map.node_->data.mapping.pairs.top; ++pair) {
      const YamlNode key(map.document_, yaml_document_get_node(map.document_, pair->key));
      TRY(Check(key, depth + 1));
      if (!key.IsScalar()) return At(key, "a key must be a text");
      if (!keys.insert(key.text()).second) {
        return At(key, "key \"" + std::string(key.text()) + "\" for the second time");
      }
      const YamlNode value(map.document_, yaml_document_get_node(map.document_, pair->value));
      TRY(Check(value, depth + 1));
    }
    return {};
  }

  std::set<const yaml_node_s*> seen_;
};

Result<void> CheckPlainYaml(const YamlNode& root) { return PlainYaml().Check(root, 0); }

}  // namespace runward
