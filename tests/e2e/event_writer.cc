#include <cstdio>
#include <string>

#include "base/event_log.h"

// Appends events as a shim would, for test_events.py: event_writer DIR COUNT [ROTATE_BYTES KEEP].
// Prints each event's id when, and only when, the log said that it is written.
int main(int argc, char** argv) {
  using namespace runward;
  if (argc != 3 && argc != 5) return 2;
  EventLogOptions options;
  if (argc == 5) {
    options.rotate_bytes = std::stoll(argv[3]);
    options.keep = std::stoll(argv[4]);
  }
  for (long left = std::stol(argv[2]); left != 0; --left) {
    Event event;
    event.id = NewEventId();
    event.time = Now();
    event.action = left % 3 == 0 ? EventAction::kDenied : EventAction::kAllowed;
    event.operation = "create";
    event.rule = left % 3 == 0 ? "verdict.missing" : "verdict.passed";
    event.reason = "written by a test";
    event.container_id = "c" + std::to_string(left);
    event.image_name = "registry.example.com/test:" + std::to_string(left % 5);
    event.image_chain = "sha256:" + std::string(64, 'a');
    event.args = {"server", "--password=hunter2"};
    event.env = {"PATH=/bin", "TOKEN=hunter2"};
    const Result<void> written = AppendEvent(argv[1], event, options);
    if (!written.ok()) {
      std::fprintf(stderr, "%s\n", written.error().message.c_str());
      return 1;
    }
    std::printf("%s\n", event.id.c_str());
    std::fflush(stdout);
  }
  return 0;
}
