#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "policy/policy.h"
#include "policy/schema.h"

namespace runward {

inline constexpr size_t kMaxProblems = 20;

// "line 3, column 7: what" of the JSON reader, taken apart.
PolicyProblem SyntaxProblem(const Error& error);

// Collects what is wrong with one document, up to kMaxProblems.
class Problems {
 public:
  explicit Problems(const JsonDocument& document) : text_(document.text()) {}

  void At(const JsonValue& value, std::string message, std::string hint = "");
  // As At, but points to the member's key rather than to its value.
  void AtKey(const JsonValue& member, std::string message, std::string hint = "");
  void AtPosition(JsonPosition position, std::string message, std::string hint = "");

  [[nodiscard]] bool empty() const { return problems_.empty(); }
  // Sorted by position.
  std::vector<PolicyProblem> Take();

 private:
  std::string_view text_;
  std::vector<PolicyProblem> problems_;
};

// Compares the document's shape with the table: unknown and missing keys, and values that are not
// what their key takes. When nothing is found, every value may be read without another check.
void Validate(const JsonDocument& document, const ObjectSpec& schema, Problems& problems);

// The last moment of what a kMoment says: a date alone means all of that day (UTC).
std::optional<Time> LastMomentOf(std::string_view text);

}  // namespace runward
