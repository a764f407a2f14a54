#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/event_chain.h"
#include "base/event_format.h"
#include "base/event_log.h"
#include "base/event_parse.h"
#include "base/event_redact.h"
#include "base/event_text.h"
#include "base/json.h"

// Bytes as a log: whatever parses as a record's link is written the same way again, nothing shown
// holds a control character, and the chain can be followed to its end. Bytes as an event: the line
// is bounded JSON without a raw control character, and reads back to the same decision.
namespace {

using runward::ChainVerifier;
using runward::Event;
using runward::JsonDocument;
using runward::LogLine;

void Require(bool holds) {
  if (!holds) std::abort();
}

bool Tame(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

void CheckLine(std::string_view text) {
  const auto link = runward::ParseLink(text);
  if (link) Require(text.starts_with(runward::LinkText(*link)));
  const auto parsed = runward::ParseEvent(text);
  if (parsed.ok())
    Require(link.has_value() && Tame(runward::Printable(parsed.value().event.reason)));
  Require(Tame(runward::Printable(text)));
}

void CheckLog(std::string_view text) {
  ChainVerifier verifier({});
  int64_t records = 0;
  LogLine line;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    const std::string_view whole = text.substr(0, newline);
    line = {whole.substr(0, runward::kMaxEventBytes), static_cast<int64_t>(whole.size()),
            newline != std::string_view::npos, line.number + 1};
    CheckLine(line.text);
    records += line.ended && runward::ParseLink(whole) ? 1 : 0;
    verifier.Add("events.jsonl", line);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  verifier.Finish();
  Require(verifier.records() == records);
  Require(verifier.problems().size() <= ChainVerifier::kMaxProblems + 1);
}

void CheckEvent(std::string text) {
  Event event;
  event.action = static_cast<runward::EventAction>(text.size() % 4);
  event.operation = text.substr(0, text.size() / 3);
  event.reason = event.rule = event.container_id = event.image_name = text;
  event.args = {text, text.substr(text.size() / 2), "--password", text};
  event.env = {text, "A=" + text};
  const std::string line = runward::FormatEvent(event);
  Require(runward::kMaxLinkBytes + runward::EventBodies(event).front().size() <
          runward::kMaxEventBytes);
  Require(Tame(line));
  const auto parsed = JsonDocument::Parse(line);
  Require(parsed.ok());
  Require(parsed.value().root().Find("unmapped").Find("runward").Find("decision").text() ==
          runward::EventActionName(event.action));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  CheckLog(text);
  CheckEvent(text);
  return 0;
}
