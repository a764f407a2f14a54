#include "base/event_parse.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/event_finding.h"
#include "base/event_format.h"
#include "base/json.h"

namespace runward {
namespace {

std::string Text(JsonValue value) {
  return value.IsString() ? std::string(value.text()) : std::string();
}

int64_t Number(JsonValue value) {
  const Result<int64_t> number = value.Int();
  return number.ok() ? number.value() : 0;
}

std::vector<std::string> Texts(JsonValue value) {
  std::vector<std::string> texts;
  if (!value.IsArray()) return texts;
  for (const JsonValue item : value) texts.push_back(Text(item));
  return texts;
}

std::optional<EventAction> ActionNamed(std::string_view name) {
  for (EventAction action : {EventAction::kAllowed, EventAction::kDenied, EventAction::kWouldDeny,
                             EventAction::kError}) {
    if (EventActionName(action) == name) return action;
  }
  return std::nullopt;
}

void ReadOwn(JsonValue own, LoggedEvent& logged) {
  Event& event = logged.event;
  event.operation = Text(own.Find("operation"));
  event.mode = Text(own.Find("mode"));
  event.time.ns = Number(own.Find("time_ns"));
  event.hint = Text(own.Find("hint"));
  event.warnings = Texts(own.Find("warnings"));
  event.container_root = Text(own.Find("container_root"));
  event.bundle = Text(own.Find("bundle"));
  event.image_chain = Text(own.Find("image_chain"));
  event.image_config = Text(own.Find("image_config"));
  event.image_store = Text(own.Find("image_store"));
  event.verdict_sha256 = Text(own.Find("verdict_sha256"));
  event.key = Text(own.Find("key"));
  event.configuration_sha256 = Text(own.Find("configuration_sha256"));
  event.args = Texts(own.Find("args"));
  event.env = Texts(own.Find("env_names"));
  event.user = Text(own.Find("user"));
  event.executable = Text(own.Find("executable"));
  event.parent = Text(own.Find("parent"));
  event.tier = Text(own.Find("tier"));
  logged.args_left_out = Number(own.Find("args_left_out"));
  logged.env_left_out = Number(own.Find("env_left_out"));
  logged.boot_id = Text(own.Find("boot_id"));
}

void ReadOcsf(JsonValue root, LoggedEvent& logged) {
  Event& event = logged.event;
  event.id = Text(root.Find("metadata").Find("uid"));
  event.rule = Text(root.Find("status_code"));
  event.reason = Text(root.Find("status_detail"));
  event.profile = Text(root.Find("policy").Find("name"));
  event.policy_sha256 = Text(root.Find("policy").Find("uid"));
  event.container_id = Text(root.Find("container").Find("uid"));
  event.real_runtime = Text(root.Find("container").Find("runtime"));
  event.image_name = Text(root.Find("container").Find("image").Find("name"));
  logged.hostname = Text(root.Find("device").Find("hostname"));
  logged.version = Text(root.Find("metadata").Find("product").Find("version"));
}

// base/event_flow.cc
void ReadFlow(JsonValue root, LoggedEvent& logged) {
  const JsonValue info = root.Find("connection_info");
  if (!info) return;
  EventFlow flow{.ingress = Number(info.Find("direction_id")) == kFlowIngress};
  const JsonValue peer = root.Find(flow.ingress ? "src_endpoint" : "dst_endpoint");
  flow.protocol = Text(info.Find("protocol_name"));
  flow.peer = Text(peer.Find("ip"));
  flow.peer_name = Text(peer.Find("hostname"));
  flow.port = Number(root.Find("dst_endpoint").Find("port"));
  flow.count = Number(root.Find("count"));
  flow.bytes_out = Number(root.Find("traffic").Find("bytes_out"));
  flow.bytes_in = Number(root.Find("traffic").Find("bytes_in"));
  logged.event.flow = std::move(flow);
}

// What a finding has in other places than an event (base/event_finding.cc).
void ReadFinding(JsonValue root, LoggedEvent& logged) {
  Event& event = logged.event;
  logged.finding = event.id;
  event.id = Text(root.Find("metadata").Find("correlation_uid"));
  const JsonValue resources = root.Find("resources");
  if (resources.IsArray() && resources.size() > 0) {
    const JsonValue container = *resources.begin();
    event.container_id = Text(container.Find("uid"));
    event.image_name = Text(container.Find("name"));
  }
  const JsonValue details = root.Find("unmapped").Find("runward").Find("details");
  const JsonValue checks = root.Find("compliance").Find("checks");
  if (!checks.IsArray()) return;
  for (const JsonValue check : checks) {
    CheckResult result{.id = Text(check.Find("uid"))};
    const int64_t status = Number(check.Find("status_id"));
    if (status > 0 && status <= 3) result.status = static_cast<CheckStatus>(status);
    result.detail = Text(details.Find(result.id));
    event.checks.push_back(std::move(result));
  }
}

}  // namespace

Result<LoggedEvent> ParseEvent(std::string_view line) {
  LoggedEvent logged;
  auto link = ParseLink(line);
  if (!link) return Error{"this line is no record of runward's", ""};
  logged.link = std::move(*link);
  const JsonDocument document = TRY(JsonDocument::Parse(std::string(line)));
  const JsonValue own = document.root().Find("unmapped").Find("runward");
  const auto action = ActionNamed(own.Find("decision").text());
  if (!action) {
    return Error{"a decision of an unknown kind: " + std::string(own.Find("decision").raw()), ""};
  }
  logged.event.action = *action;
  ReadOwn(own, logged);
  ReadOcsf(document.root(), logged);
  ReadFlow(document.root(), logged);
  if (IsFinding(line)) ReadFinding(document.root(), logged);
  return logged;
}

}  // namespace runward
