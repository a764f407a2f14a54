#include "base/event_objects.h"

namespace runward {

void WriteMetadata(JsonLine& line, const EventMetadata& metadata) {
  line.Open("metadata", '{');
  line.Text("version", "1.8.0");
  line.Open("product", '{');
  line.Text("name", "runward");
  line.Text("vendor_name", "runward");
  line.Text("version", RUNWARD_VERSION);
  line.Close('}');
  line.Text("uid", metadata.uid);
  line.Text("correlation_uid", metadata.correlation_uid);
  line.List("profiles", metadata.profiles);
  line.Close('}');
}

void WritePolicy(JsonLine& line, const Event& event) {
  if (event.profile.empty() && event.policy_sha256.empty()) return;
  line.Open("policy", '{');
  line.Text("name", event.profile);
  line.Text("uid", event.policy_sha256);
  line.Close('}');
}

void WriteDevice(JsonLine& line, std::string_view hostname) {
  line.Open("device", '{');
  line.Text("hostname", hostname);
  line.Number("type_id", 0);
  line.Close('}');
}

}  // namespace runward
