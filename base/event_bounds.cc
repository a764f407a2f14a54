#include "base/event_bounds.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>

#include "base/event_redact.h"
#include "base/event_text.h"
#include "base/file.h"

namespace runward {
namespace {

struct Field {
  std::string Event::*field;
  size_t max;  // bytes, escaped
};
constexpr std::array<Field, 24> kBounds = {{{&Event::id, 32},
                                            {&Event::operation, 32},
                                            {&Event::rule, 96},
                                            {&Event::reason, 768},
                                            {&Event::hint, 384},
                                            {&Event::profile, 128},
                                            {&Event::mode, 16},
                                            {&Event::policy_sha256, 64},
                                            {&Event::container_id, 256},
                                            {&Event::container_root, 256},
                                            {&Event::bundle, 384},
                                            {&Event::image_name, 320},
                                            {&Event::image_chain, 96},
                                            {&Event::image_config, 96},
                                            {&Event::image_store, 64},
                                            {&Event::verdict_sha256, 64},
                                            {&Event::key, 128},
                                            {&Event::configuration_sha256, 64},
                                            {&Event::user, 64},
                                            {&Event::executable, 512},
                                            {&Event::parent, 96},
                                            {&Event::secret, 640},
                                            {&Event::tier, 32},
                                            {&Event::real_runtime, 192}}};
constexpr size_t kLeast = 48;  // fields are never cut below this to fit the line
constexpr size_t kWarningBytes = 256;
constexpr size_t kMaxWarnings = 4;
constexpr size_t kEnvBytes = 512;
constexpr size_t kEnvNameBytes = 64;

BoundedList Bounded(const std::vector<std::string>& items, size_t all, size_t each, size_t total) {
  BoundedList list;
  size_t used = 0;
  for (const std::string& item : items) {
    std::string escaped = EscapeJson(item, each);
    used += escaped.size() + 3;
    if (used > total) break;
    list.items.push_back(std::move(escaped));
  }
  list.left = all - list.items.size();
  return list;
}

std::vector<std::string> EnvNames(const std::vector<std::string>& env) {
  std::vector<std::string> names;
  size_t bytes = 0;
  for (const std::string& entry : env) {
    names.push_back(EnvName(std::string_view(entry).substr(0, kMaxLoggedArgBytes)));
    bytes += names.back().size() + 3;
    if (bytes > kEnvBytes) break;
  }
  return names;
}

// It stays what it is for as long as this process can live.
const std::string& BootId() {
  static const std::string boot = [] {
    const Result<std::string> read =
        ReadFileCapped("/proc/sys/kernel/random/boot_id", 64, Trust::kAnyone);
    return read.ok() ? EscapeJson(read.value().substr(0, read.value().find('\n')), 36) : "";
  }();
  return boot;
}

}  // namespace

BoundedEvent BoundEvent(const Event& raw) {
  BoundedEvent bounded;
  bounded.event.time = raw.time;
  bounded.event.action = raw.action;
  bounded.event.actor_pid = raw.actor_pid;
  if (raw.flow) bounded.event.flow = BoundFlow(*raw.flow);
  for (const Field& bound : kBounds) {
    bounded.event.*bound.field = EscapeJson(raw.*bound.field, bound.max);
  }
  for (const std::string& warning : raw.warnings) {
    if (bounded.event.warnings.size() == kMaxWarnings) break;
    bounded.event.warnings.push_back(EscapeJson(warning, kWarningBytes));
  }
  bounded.args =
      Bounded(RedactArgs(raw.args), raw.args.size(), kMaxLoggedArgBytes, kMaxLoggedArgsBytes);
  bounded.env = Bounded(EnvNames(raw.env), raw.env.size(), kEnvNameBytes, kEnvBytes);
  utsname host{};
  if (uname(&host) == 0) bounded.hostname = EscapeJson(host.nodename, 64);
  bounded.boot_id = BootId();
  return bounded;
}

size_t CutLongest(BoundedEvent& bounded, size_t excess) {
  Event& event = bounded.event;
  std::string* longest = &event.reason;
  for (const Field& bound : kBounds) {
    std::string& field = event.*bound.field;
    if (field.size() > longest->size()) longest = &field;
  }
  for (std::string& warning : event.warnings) {
    if (warning.size() > longest->size()) longest = &warning;
  }
  const size_t before = longest->size();
  if (before <= kLeast) return 0;
  const size_t half = before / 2;
  CutEscaped(*longest, std::max({before - std::min(half, excess), half, kLeast}));
  return before - longest->size();
}

}  // namespace runward
