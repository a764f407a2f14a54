#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json.h"

// What our reader accepts, nlohmann/json reads to the same values; what nlohmann/json refuses, so
// does ours. Ours may refuse more (duplicate keys, depth, numbers out of a double's range are
// nlohmann's own to refuse).
namespace {

using runward::JsonDocument;
using runward::JsonKind;
using runward::JsonValue;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireEqual(const JsonValue& ours, const nlohmann::json& theirs);

void RequireEqualMembers(const JsonValue& ours, const nlohmann::json& theirs) {
  size_t count = 0;
  for (const JsonValue member : ours) {
    ++count;
    const auto twin = theirs.find(std::string(member.key()));
    Require(twin != theirs.end());
    RequireEqual(member, *twin);
    Require(ours.Find(member.key()).position().column == member.position().column);
  }
  Require(count == ours.size() && count == theirs.size());
}

void RequireEqualElements(const JsonValue& ours, const nlohmann::json& theirs) {
  size_t at = 0;
  Require(ours.size() == theirs.size());
  for (const JsonValue element : ours) RequireEqual(element, theirs.at(at++));
}

void RequireEqualNumber(const JsonValue& ours, const nlohmann::json& theirs) {
  Require(theirs.is_number());
  const auto number = ours.Int();
  if (number.ok()) Require(theirs == nlohmann::json(number.value()));
  // The bytes of the value alone are the same number.
  Require(nlohmann::json::parse(ours.raw()) == theirs);
}

void RequireEqual(const JsonValue& ours, const nlohmann::json& theirs) {
  switch (ours.kind()) {
    case JsonKind::kObject:
      Require(theirs.is_object());
      return RequireEqualMembers(ours, theirs);
    case JsonKind::kArray:
      Require(theirs.is_array());
      return RequireEqualElements(ours, theirs);
    case JsonKind::kString:
      return Require(theirs.is_string() && theirs.get_ref<const std::string&>() == ours.text());
    case JsonKind::kNumber:
      return RequireEqualNumber(ours, theirs);
    case JsonKind::kBool:
      return Require(theirs.is_boolean() && theirs.get<bool>() == ours.Bool().value());
    case JsonKind::kNull:
      return Require(theirs.is_null());
  }
}

// Accepts iff the standard does, apart from a number too large for nlohmann's double ("1e999").
bool TheyRefuse(std::string_view text, nlohmann::json& theirs) {
  try {
    theirs = nlohmann::json::parse(text);
    return false;
  } catch (const nlohmann::json::out_of_range&) {
    return false;
  } catch (const nlohmann::json::parse_error&) {
    return true;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // nlohmann skips a byte order mark; the RFC lets a reader refuse it, and ours does.
  const auto ours = JsonDocument::Parse(text);
  (void)JsonDocument::Parse(text, {.comments = true});
  nlohmann::json theirs = nlohmann::json::value_t::discarded;
  const bool refused = TheyRefuse(text, theirs);
  if (!ours.ok()) {
    Require(!ours.error().message.empty());
    return 0;
  }
  Require(!refused);
  if (!theirs.is_discarded()) RequireEqual(ours.value().root(), theirs);
  return 0;
}
