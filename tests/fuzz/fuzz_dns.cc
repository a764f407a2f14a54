#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "netfilter/dns_chain.h"
#include "netfilter/dns_message.h"
#include "netfilter/packet_view.h"

namespace {

using namespace runward;  // NOLINT(google-build-using-namespace)

std::span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void Check(bool holds) {
  if (!holds) std::abort();
}

// A query that is taken, written anew, asks the same.
void CheckQuery(std::span<const uint8_t> message) {
  const auto query = ParseDnsQuery(message);
  if (!query.ok()) return;
  const DnsQuestion& question = query.value().question;
  Check(std::ranges::equal(question.sent, question.name, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
  }));
  const auto again = ParseDnsQuery(Bytes(BuildDnsQuery(query.value().id, question)));
  Check(again.ok() && again.value().question.sent == question.sent &&
        again.value().question.type == question.type);
}

// An answer that is taken, written anew, says the same; what is let through is no more than it
// says, and nothing of the host's own.
void CheckAnswer(std::span<const uint8_t> message) {
  const auto answer = ParseDnsAnswer(message);
  if (!answer.ok()) return;
  const DnsQuery query{.id = answer.value().id, .question = answer.value().question};
  const DnsResolved resolved = FollowDns(query.question, answer.value().records, true);
  Check(resolved.addresses.size() <= answer.value().records.size());
  for (const Address& address : resolved.addresses) Check(!IsLocalAddress(address));
  const std::string text =
      BuildDnsAnswer(query, answer.value().code, resolved.records, kMaxDnsMessage);
  const auto again = ParseDnsAnswer(Bytes(text));
  Check(again.ok() && again.value().truncated == false);
  Check(again.value().records.size() == resolved.records.size());
}

}  // namespace

// Property: see above; and the first bytes of a packet can be any.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> message(data, size);
  CheckQuery(message);
  CheckAnswer(message);
  (void)DnsFormatErrorFor(message);
  (void)ViewPacket(message);
  return 0;
}
