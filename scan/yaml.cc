#include "scan/yaml.h"

#include <yaml.h>

#include <algorithm>

namespace runward {
namespace {

constexpr int kMaxDepth = 16;
constexpr size_t kMaxNodes = 100'000;

// libyaml's events, in the order of the text.
class Events {
 public:
  explicit Events(const std::string& text) {
    good_ = yaml_parser_initialize(&parser_) != 0;
    if (!good_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() {
    Drop();
    if (good_) yaml_parser_delete(&parser_);
  }

  // The next event, valid until the one after it.
  Result<const yaml_event_t*> Next() {
    Drop();
    if (!good_ || yaml_parser_parse(&parser_, &event_) == 0) {
      const char* problem = good_ && parser_.problem != nullptr ? parser_.problem : "no memory";
      return Error{"line " + std::to_string(parser_.problem_mark.line + 1) + ": " + problem, ""};
    }
    held_ = true;
    return &event_;
  }

 private:
  void Drop() {
    if (held_) yaml_event_delete(&event_);
    held_ = false;
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool good_ = false;
  bool held_ = false;
};

Error AtLine(size_t line, std::string_view what) {
  return {"line " + std::to_string(line) + ": " + std::string(what), ""};
}

class TreeReader {
 public:
  explicit TreeReader(const std::string& text) : events_(text) {}

  Result<IgnoreNode> Run() {
    IgnoreNode root;
    const yaml_event_t* event = TRY(events_.Next());
    while (event->type == YAML_STREAM_START_EVENT || event->type == YAML_DOCUMENT_START_EVENT) {
      event = TRY(events_.Next());
    }
    if (event->type == YAML_STREAM_END_EVENT) return root;
    root = TRY(Node(event, 0));
    TRY(events_.Next());
    event = TRY(events_.Next());
    if (event->type == YAML_STREAM_END_EVENT) return root;
    return AtLine(event->start_mark.line + 1, "a second document");
  }

 private:
  Result<IgnoreNode> Node(const yaml_event_t* event, int depth) {
    IgnoreNode node;
    node.line = event->start_mark.line + 1;
    if (depth > kMaxDepth) return AtLine(node.line, "nested too deeply");
    if (++nodes_ > kMaxNodes) return AtLine(node.line, "too many values");
    switch (event->type) {
      case YAML_SCALAR_EVENT:
        return Text(event, std::move(node));
      case YAML_SEQUENCE_START_EVENT:
        if (event->data.sequence_start.anchor != nullptr) break;
        return List(std::move(node), depth);
      case YAML_MAPPING_START_EVENT:
        if (event->data.mapping_start.anchor != nullptr) break;
        return Map(std::move(node), depth);
      default:
        break;
    }
    return AtLine(node.line, "anchors and aliases are not read here");
  }

  static Result<IgnoreNode> Text(const yaml_event_t* event, IgnoreNode node) {
    const auto& scalar = event->data.scalar;
    if (scalar.anchor != nullptr || scalar.tag != nullptr) {
      return AtLine(node.line, "anchors and tags are not read here");
    }
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return node;
  }

  Result<IgnoreNode> List(IgnoreNode node, int depth) {
    node.kind = IgnoreNode::Kind::kList;
    while (true) {
      const yaml_event_t* event = TRY(events_.Next());
      if (event->type == YAML_SEQUENCE_END_EVENT) return node;
      IgnoreNode item = TRY(Node(event, depth + 1));
      node.members.push_back({"", std::move(item)});
    }
  }

  Result<IgnoreNode> Map(IgnoreNode node, int depth) {
    node.kind = IgnoreNode::Kind::kMap;
    while (true) {
      const yaml_event_t* event = TRY(events_.Next());
      if (event->type == YAML_MAPPING_END_EVENT) return node;
      const IgnoreNode key = TRY(Node(event, depth + 1));
      if (key.kind != IgnoreNode::Kind::kText) return AtLine(key.line, "a key must be a text");
      if (node.Find(key.text) != nullptr) {
        return AtLine(key.line, "key \"" + key.text + "\" for the second time");
      }
      event = TRY(events_.Next());
      IgnoreNode value = TRY(Node(event, depth + 1));
      node.members.push_back({key.text, std::move(value)});
    }
  }

  Events events_;
  size_t nodes_ = 0;
};

}  // namespace

const IgnoreNode* IgnoreNode::Find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &IgnoreMember::first);
  return kind == Kind::kMap && found != members.end() ? &found->second : nullptr;
}

bool IgnoreNode::IsNull() const {
  return kind == Kind::kText && plain && (text.empty() || text == "~" || text == "null");
}

Result<IgnoreNode> ReadIgnoreTree(const std::string& text) { return TreeReader(text).Run(); }

}  // namespace runward
