#include "base/event_format.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/event_bounds.h"
#include "base/event_finding.h"
#include "base/event_json.h"
#include "base/event_log.h"
#include "base/event_objects.h"
#include "base/event_text.h"

namespace runward {
namespace {

// OCSF 1.8.0: events/application/application_lifecycle.json, events/system/process_activity.json,
// events/network/network_activity.json, events/network/dns_activity.json,
// profiles/security_control.json.
constexpr int kApplicationLifecycle = 6002;
constexpr int kProcessActivity = 1007;
constexpr int kDatastoreActivity = 6005;  // events/application/datastore_activity.json
struct Activity {
  std::string_view operation;
  int class_uid;
  int id;
  std::string_view name;
};
constexpr Activity kOther = {"", kApplicationLifecycle, 99, "Other"};
constexpr Activity kRefusedFlow = {"network", kNetworkActivity, 5, "Refuse"};
constexpr std::array<Activity, 10> kActivities = {{
    {"command", kProcessActivity, 1, "Launch"},
    {"create", kApplicationLifecycle, 3, "Start"},
    {"dns", kDnsActivity, 1, "Query"},
    {"exec", kProcessActivity, 1, "Launch"},
    {"network", kNetworkActivity, 6, "Traffic"},
    {"restore", kApplicationLifecycle, 3, "Start"},
    {"run", kApplicationLifecycle, 3, "Start"},
    {"secret", kDatastoreActivity, 1, "Read"},
    {"stop", kApplicationLifecycle, 4, "Stop"},
    {"update", kApplicationLifecycle, 8, "Update"},
}};

struct Outcome {
  EventAction action;
  std::string_view name;
  int severity;     // 1 Informational, 2 Low, 3 Medium, 4 High
  int action_id;    // 1 Allowed, 2 Denied
  int disposition;  // 1 Allowed, 2 Blocked, 15 Detected, 27 Error
  int status;       // 1 Success, 2 Failure: of what was asked
};
constexpr std::array<Outcome, 4> kOutcomes = {{
    {EventAction::kAllowed, "allowed", 1, 1, 1, 1},
    {EventAction::kDenied, "denied", 3, 2, 2, 2},
    {EventAction::kWouldDeny, "would-deny", 2, 1, 15, 1},
    {EventAction::kError, "error", 4, 2, 27, 2},
}};

const Outcome& OutcomeOf(EventAction action) {
  const auto* found = std::find_if(kOutcomes.begin(), kOutcomes.end(),
                                   [&](const Outcome& o) { return o.action == action; });
  return found == kOutcomes.end() ? kOutcomes.back() : *found;
}

const Activity& ActivityOf(const Event& event) {
  if (event.operation == kRefusedFlow.operation && event.action != EventAction::kAllowed) {
    return kRefusedFlow;
  }
  const auto* found = std::find_if(kActivities.begin(), kActivities.end(), [&](const Activity& a) {
    return a.operation == event.operation;
  });
  return found == kActivities.end() ? kOther : *found;
}

void WriteOwn(JsonLine& line, const BoundedEvent& bounded) {
  const Event& event = bounded.event;
  line.Number("format", 1);
  line.Text("decision", EventActionName(event.action));
  line.Text("operation", event.operation);
  line.Text("mode", event.mode);
  line.Number("time_ns", event.time.ns);
  line.Text("hint", event.hint);
  line.List("warnings", event.warnings);
  line.Text("container_root", event.container_root);
  line.Text("bundle", event.bundle);
  line.Text("image_chain", event.image_chain);
  line.Text("image_config", event.image_config);
  line.Text("image_store", event.image_store);
  line.Text("verdict_sha256", event.verdict_sha256);
  line.Text("key", event.key);
  line.Text("configuration_sha256", event.configuration_sha256);
  line.List("args", bounded.args.items);
  if (bounded.args.left > 0) line.Number("args_left_out", static_cast<int64_t>(bounded.args.left));
  line.List("env_names", bounded.env.items);
  if (bounded.env.left > 0) line.Number("env_left_out", static_cast<int64_t>(bounded.env.left));
  line.Text("user", event.user);
  line.Text("executable", event.executable);
  line.Text("parent", event.parent);
  line.Text("secret", event.secret);
  line.Text("tier", event.tier);
  line.Text("boot_id", bounded.boot_id);
}

void WriteOutcome(JsonLine& line, const Event& event) {
  const Outcome& outcome = OutcomeOf(event.action);
  const Activity& activity = ActivityOf(event);
  line.Number("category_uid", activity.class_uid / 1000);
  line.Number("class_uid", activity.class_uid);
  line.Number("activity_id", activity.id);
  line.Text("activity_name", activity.id == kOther.id ? event.operation : activity.name);
  line.Number("type_uid", activity.class_uid * 100 + activity.id);
  line.Number("time", event.time.ns / 1'000'000);
  line.Number("severity_id", outcome.severity);
  line.Number("status_id", outcome.status);
  line.Text("status_code", event.rule);
  line.Text("status_detail", event.reason);
  line.Number("action_id", outcome.action_id);
  line.Number("disposition_id", outcome.disposition);
  line.Bool("is_alert", event.action != EventAction::kAllowed);
  line.Text("message", event.operation + " " + std::string(outcome.name) +
                           (event.rule.empty() ? "" : " by " + event.rule));
}

void WriteDatastore(JsonLine& line, const BoundedEvent& bounded) {
  line.Open("src_endpoint", '{');
  line.Text("hostname", bounded.hostname.empty() ? "unknown" : bounded.hostname);
  line.Close('}');
  line.Open("databucket", '{');
  line.Text("name", "vault");
  line.Close('}');
}

// What OCSF requires of the class: the process of an exec, the vault, else the application.
void WriteTarget(JsonLine& line, const BoundedEvent& bounded) {
  const int class_uid = ActivityOf(bounded.event).class_uid;
  if (class_uid == kDatastoreActivity) return WriteDatastore(line, bounded);
  if (bounded.event.flow) {
    WriteFlow(line, *bounded.event.flow, class_uid);
    return;
  }
  if (class_uid == kProcessActivity) {
    std::string name = bounded.args.items.empty() ? "unknown" : bounded.args.items.front();
    CutEscaped(name, 64);
    line.Open("process", '{');
    line.Text("name", name);
  } else {
    line.Open("app", '{');
    line.Text("name", "container");
    line.Text("uid", bounded.event.container_id);
  }
  line.Close('}');
}

void WriteObjects(JsonLine& line, const BoundedEvent& bounded) {
  const Event& event = bounded.event;
  WritePolicy(line, event);
  line.Open("container", '{');
  line.Text("uid", event.container_id);
  line.Text("runtime", event.real_runtime);
  line.Open("image", '{');
  line.Text("name", event.image_name);
  line.Text("uid", event.image_config.empty() ? event.image_chain : event.image_config);
  line.Close('}');
  line.Close('}');
  WriteDevice(line, bounded.hostname);
  line.Open("actor", '{');
  line.Open("process", '{');
  line.Number("pid", event.actor_pid != 0 ? event.actor_pid : getppid());
  line.Close('}');
  line.Close('}');
  WriteTarget(line, bounded);
}

std::string Render(const BoundedEvent& bounded) {
  JsonLine line;
  WriteOwn(line, bounded);
  line.Close('}');
  line.Close('}');
  WriteMetadata(line,
                {.uid = bounded.event.id, .profiles = {"security_control", "container", "host"}});
  WriteOutcome(line, bounded.event);
  WriteObjects(line, bounded);
  line.Close('}');
  return std::move(line).text();
}

std::string Fitting(BoundedEvent& bounded) {
  std::string body = Render(bounded);
  while (body.size() > kMaxBodyBytes) {
    size_t excess = body.size() - kMaxBodyBytes;
    size_t cut = 1;
    for (; excess > 0 && cut > 0; excess -= std::min(excess, cut))
      cut = CutLongest(bounded, excess);
    if (cut == 0) break;  // the bounds leave room for what cannot be cut
    body = Render(bounded);
  }
  return body;
}

}  // namespace

std::string_view EventActionName(EventAction action) { return OutcomeOf(action).name; }

std::vector<std::string> EventBodies(const Event& event) {
  BoundedEvent bounded = BoundEvent(event);
  std::vector<std::string> bodies = {Fitting(bounded)};
  if (!event.checks.empty()) bodies.push_back(FindingBody(bounded, event.checks));
  return bodies;
}

std::string FormatEvent(const Event& event) {
  return R"({"unmapped":{"runward":{)" + EventBodies(event).front().substr(1);
}

}  // namespace runward
