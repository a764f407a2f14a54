#include "secrets/read_event.h"

#include "oci/container_event.h"

namespace runward {
namespace {

Event EventFor(const Record& record, const std::string& secret) {
  Event event = EventAbout(record, EventAction::kAllowed);
  event.operation = "secret";
  event.secret = secret;
  event.verdict_sha256 = record.verdict_sha256;
  event.key = record.key;
  return event;
}

}  // namespace

Event SecretReadEvent(const Record& record, const std::string& secret) {
  Event event = EventFor(record, secret);
  event.rule = "secrets.read";
  event.reason = "\"" + secret + "\" was read for the container, as its profile lists it";
  return event;
}

Event SecretFailedEvent(const Record& record, const std::string& secret, const Error& error) {
  Event event = EventFor(record, secret);
  event.action = EventAction::kError;
  event.rule = "secrets.unreadable";
  event.reason = "\"" + secret + "\" could not be read for the container: " + error.message;
  event.hint = error.hint;
  return event;
}

}  // namespace runward
