#include "base/event_finding.h"

#include <algorithm>

#include "base/event_format.h"
#include "base/event_json.h"
#include "base/event_objects.h"
#include "base/event_text.h"

namespace runward {
namespace {

// OCSF 1.8.0: events/findings/compliance_finding.json, objects/compliance.json, objects/check.json.
constexpr int kComplianceFinding = 2003;
constexpr int kCreate = 1;
constexpr size_t kDetailBytes = 96;

int64_t CountOf(std::span<const CheckResult> checks, CheckStatus status) {
  return std::ranges::count(checks, status, &CheckResult::status);
}

CheckStatus WorstOf(std::span<const CheckResult> checks) {
  for (CheckStatus status : {CheckStatus::kFail, CheckStatus::kWarn, CheckStatus::kPass}) {
    if (CountOf(checks, status) > 0) return status;
  }
  return CheckStatus::kUndecided;
}

std::string MessageOf(std::span<const CheckResult> checks) {
  std::string text = "compliance:";
  for (CheckStatus status : kCheckStatuses) {
    text += " " + std::to_string(CountOf(checks, status)) + " ";
    text += CheckStatusName(status);
  }
  return text;
}

// The first `shown` details.
void WriteOwn(JsonLine& line, const BoundedEvent& bounded, std::span<const CheckResult> checks,
              size_t shown) {
  const Event& event = bounded.event;
  line.Number("format", 1);
  line.Text("decision", EventActionName(event.action));
  line.Text("operation", event.operation);
  line.Text("mode", event.mode);
  line.Number("time_ns", event.time.ns);
  line.Text("container_root", event.container_root);
  line.Text("image_chain", event.image_chain);
  line.Text("image_config", event.image_config);
  line.Text("boot_id", bounded.boot_id);
  line.Open("details", '{');
  size_t left_out = 0;
  for (const CheckResult& check : checks) {
    if (check.detail.empty()) continue;
    if (shown == 0) {
      ++left_out;
      continue;
    }
    --shown;
    line.Text(check.id, EscapeJson(check.detail, kDetailBytes));
  }
  line.Close('}');
  if (left_out > 0) line.Number("details_left_out", static_cast<int64_t>(left_out));
}

void WriteCompliance(JsonLine& line, std::span<const CheckResult> checks) {
  line.Open("compliance", '{');
  line.List("standards", {std::string(kComplianceStandard)});
  line.Number("status_id", static_cast<int>(WorstOf(checks)));
  line.Open("checks", '[');
  for (const CheckResult& check : checks) {
    line.OpenItem('{');
    line.Text("uid", check.id);
    line.Number("status_id", static_cast<int>(check.status));
    line.Close('}');
  }
  line.Close(']');
  line.Close('}');
}

std::string Render(const BoundedEvent& bounded, std::span<const CheckResult> checks, size_t shown) {
  const Event& event = bounded.event;
  JsonLine line;
  WriteOwn(line, bounded, checks, shown);
  line.Close('}');
  line.Close('}');
  const std::string uid = event.id + "-cis";
  WriteMetadata(line, {.uid = uid, .correlation_uid = event.id, .profiles = {"host"}});
  line.Number("category_uid", kComplianceFinding / 1000);
  line.Number("class_uid", kComplianceFinding);
  line.Number("activity_id", kCreate);
  line.Text("activity_name", "Create");
  line.Number("type_uid", kComplianceFinding * 100 + kCreate);
  line.Number("time", event.time.ns / 1'000'000);
  // Informational, Low, Medium.
  line.Number("severity_id", std::max(1, static_cast<int>(WorstOf(checks))));
  line.Number("status_id", 1);  // New
  line.Text("message", MessageOf(checks));
  line.Open("finding_info", '{');
  line.Text("uid", uid);
  line.Text("title", kComplianceStandard);
  line.Close('}');
  WriteCompliance(line, checks);
  line.Open("resources", '[');
  line.OpenItem('{');
  line.Text("uid", event.container_id);
  line.Text("type", "container");
  line.Text("name", event.image_name);
  line.Close('}');
  line.Close(']');
  WritePolicy(line, event);
  WriteDevice(line, bounded.hostname);
  line.Close('}');
  return std::move(line).text();
}

}  // namespace

std::string_view CheckStatusName(CheckStatus status) {
  constexpr std::array<std::string_view, 4> kNames = {"undecided", "pass", "warn", "fail"};
  return kNames[static_cast<size_t>(status)];
}

std::string FindingBody(const BoundedEvent& bounded, std::span<const CheckResult> checks) {
  size_t shown = checks.size();
  std::string body = Render(bounded, checks, shown);
  for (; body.size() > kMaxBodyBytes && shown > 0; --shown) {
    body = Render(bounded, checks, shown - 1);
  }
  return body;
}

}  // namespace runward
