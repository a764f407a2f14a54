#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "hooks/early_json.h"

// What is read of a JSON text without the C library is what our reader finds in it, or nothing. Of
// what is no JSON it may find something: the texts are a runtime's and the agent's.
namespace {

using runward::EarlyAnswer;
using runward::JsonDocument;
using runward::JsonValue;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CompareProcess(JsonValue root, int found) {
  if (found == 0) return;
  const auto pid = root.Find("pid").Int();
  Require(pid.ok() && pid.value() == found);
}

void CompareAnswer(JsonValue root, const EarlyAnswer& answer) {
  const auto granted = root.Find("ok").Bool();
  Require(granted.ok() && granted.value());
  Require(root.Find("rootfs").text() == answer.rootfs);
  const JsonValue directories = root.Find("directories");
  Require(directories.IsArray() && directories.size() == answer.count);
  size_t at = 0;
  for (const JsonValue directory : directories) {
    Require(directory.text() == answer.directories[at++]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const int found = runward::EarlyProcessOf(text);
  EarlyAnswer answer;
  const bool answered = runward::EarlyAnswerIn(text, answer);
  const auto document = JsonDocument::Parse(text, {.max_depth = 64});
  if (!document.ok()) return 0;
  CompareProcess(document.value().root(), found);
  if (answered) CompareAnswer(document.value().root(), answer);
  return 0;
}
