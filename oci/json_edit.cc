#include "oci/json_edit.h"

namespace runward {

std::string WithReplaced(const JsonDocument& document, const JsonValue& value,
                         std::string_view text) {
  const std::string_view whole = document.text();
  const std::string_view raw = value.raw();
  const auto offset = static_cast<size_t>(raw.data() - whole.data());
  std::string changed;
  changed.reserve(whole.size() + text.size());
  changed.append(whole.substr(0, offset)).append(text).append(whole.substr(offset + raw.size()));
  return changed;
}

std::string WithMember(const JsonValue& object, std::string_view member) {
  std::string text(object.raw());
  text.pop_back();  // '}'
  if (object.size() > 0) text += ',';
  text += member;
  return text + '}';
}

}  // namespace runward
