#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "netfilter/conntrack.h"
#include "netfilter/log_prefix.h"
#include "netfilter/names.h"
#include "netfilter/nflog.h"

namespace {

using namespace runward;  // NOLINT(google-build-using-namespace)

void Check(bool holds) {
  if (!holds) std::abort();
}

bool Within(std::string_view part, std::span<const uint8_t> whole) {
  const auto* start = reinterpret_cast<const char*>(whole.data());
  return part.empty() ||
         (part.data() >= start && part.data() + part.size() <= start + whole.size());
}

// What is told of a packet lies within the message; a prefix that is understood is written the
// same.
void CheckLogged(std::span<const uint8_t> message) {
  const auto logged = ViewLogged(message);
  if (!logged) return;
  Check(Within(logged->prefix, message));
  if (const auto prefix = ParseLogPrefix(logged->prefix)) {
    Check(FormatLogPrefix(*prefix) == logged->prefix);
  }
  Check(HasPorts(logged->packet.protocol) || logged->packet.destination_port == 0);
}

// A mark that is understood is written the same.
void CheckConnection(std::span<const uint8_t> message) {
  const auto connection = ViewConnection(message);
  if (!connection) return;
  if (const auto mark = ParseMark(connection->mark)) Check(FormatMark(*mark) == connection->mark);
  Check(connection->source.v6 || connection->source.bytes[4] == 0);
}

}  // namespace

// Property: see above; any bytes may come. The message's header is aligned, as the kernel's are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint64_t> aligned(size / sizeof(uint64_t) + 1);
  if (size > 0) std::memcpy(aligned.data(), data, size);
  const std::span<const uint8_t> message(reinterpret_cast<const uint8_t*>(aligned.data()), size);
  CheckLogged(message);
  CheckConnection(message);
  return 0;
}
