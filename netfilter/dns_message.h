#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "netfilter/special_address.h"

namespace runward {

// Messages of the DNS (RFC 1035, RFC 6891), as far as the proxy has to understand them. Nothing of
// a message is handed on as it came: what is understood is written anew. No system calls.

inline constexpr uint16_t kDnsA = 1;
inline constexpr uint16_t kDnsCname = 5;
inline constexpr uint16_t kDnsAaaa = 28;

enum class DnsCode : uint8_t {
  kNoError = 0,
  kFormatError = 1,
  kServerFailure = 2,
  kNoSuchName = 3,
  kNotImplemented = 4,
  kRefused = 5,
};

inline constexpr size_t kMaxDnsMessage = 65535;
inline constexpr size_t kDnsHeader = 12;
inline constexpr size_t kDnsPlainUdp = 512;  // what a client without EDNS takes
inline constexpr size_t kDnsMaxUdp = 4096;   // the most that is sent in a datagram

// Names are in lower case, without the final dot; their labels are of letters, digits, "-" and "_"
// alone, "" is the root. Others are none that a rule can mean.
struct DnsQuestion {
  std::string name;
  std::string sent;  // the same as the client wrote it: answers repeat its case
  uint16_t type = 0;
};

struct DnsQuery {
  uint16_t id = 0;
  bool recursion = false;
  DnsQuestion question;
  size_t udp_size = kDnsPlainUdp;  // of an answer, as the client takes it
  bool edns = false;
};

struct DnsRecord {
  std::string name;    // whose it is
  uint16_t type = 0;   // kDnsA, kDnsAaaa or kDnsCname
  uint32_t ttl = 0;    // seconds
  std::string target;  // of kDnsCname
  Address address;     // of the others
};

struct DnsAnswer {
  uint16_t id = 0;
  DnsCode code = DnsCode::kNoError;
  bool truncated = false;
  DnsQuestion question;
  // Addresses and aliases of class IN in the answer section, in its order, but for those other
  // names. Empty when truncated.
  std::vector<DnsRecord> records;
};

// A standard query with exactly one question of class IN, whole and without anything behind it.
// Fails for all else; see FormatErrorFor.
Result<DnsQuery> ParseDnsQuery(std::span<const uint8_t> message);
// Fails unless all sections are whole and end with the message.
Result<DnsAnswer> ParseDnsAnswer(std::span<const uint8_t> message);

// What to answer to a message that ParseDnsQuery failed for; "" when nothing can be: too short, or
// itself an answer.
std::string DnsFormatErrorFor(std::span<const uint8_t> message);

std::string BuildDnsQuery(uint16_t id, const DnsQuestion& question);
// At most `limit` bytes: without records and marked as truncated when they do not fit.
std::string BuildDnsAnswer(const DnsQuery& query, DnsCode code, std::span<const DnsRecord> records,
                           size_t limit);
// Marked as truncated, so that the client asks again over TCP.
std::string BuildDnsTruncated(const DnsQuery& query);

}  // namespace runward
