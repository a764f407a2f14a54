#include "scan/image_config.h"

#include "scan/fields.h"

namespace runward {

Result<void> ReadImageConfig(JsonValue config, Report& report) {
  const JsonValue rootfs = TRY(ObjectOf(config, "rootfs"));
  const std::vector<Digest> layers = TRY(DigestsOf(rootfs, "diff_ids"));
  std::vector<Digest>& known = report.identity.diff_ids;
  if (!layers.empty() && !known.empty() && layers != known) {
    return BadField(rootfs, "names other layers than the report does elsewhere");
  }
  if (!layers.empty()) known = layers;
  const JsonValue inner = TRY(ObjectOf(config, "config"));
  report.facts_known = true;
  report.user = TRY(TextOf(inner, "User"));
  for (const JsonValue label : TRY(ObjectOf(inner, "Labels"))) {
    if (!label.IsString()) return BadField(label, "must be a text");
    report.labels.emplace_back(label.key(), label.text());
  }
  return {};
}

}  // namespace runward
