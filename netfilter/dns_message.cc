#include "netfilter/dns_message.h"

#include <algorithm>

#include "netfilter/dns_wire.h"

namespace runward {
namespace {

constexpr uint16_t kInternet = 1;
constexpr uint16_t kOpt = 41;
constexpr uint16_t kResponse = 0x8000;
constexpr uint16_t kOpcode = 0x7800;
constexpr uint16_t kTruncated = 0x0200;
constexpr uint16_t kRecursionDesired = 0x0100;
constexpr uint16_t kRecursionAvailable = 0x0080;
constexpr uint16_t kCode = 0x000f;
constexpr uint16_t kOwnerPointer = 0xc000 | kDnsHeader;  // to the question's name

struct Header {
  uint16_t id = 0;
  uint16_t flags = 0;
  uint16_t questions = 0;
  uint16_t answers = 0;
  uint16_t authorities = 0;
  uint16_t additional = 0;
};

Header ReadHeader(DnsReader& reader) {
  Header header;
  for (uint16_t* field : {&header.id, &header.flags, &header.questions, &header.answers,
                          &header.authorities, &header.additional}) {
    *field = reader.Short();
  }
  return header;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

Error Bad(std::string_view what) { return Error{"a DNS message " + std::string(what), ""}; }

Result<DnsQuestion> ReadQuestion(DnsReader& reader) {
  std::optional<std::string> name = reader.Name(/*may_point=*/false);
  DnsQuestion question;
  question.type = reader.Short();
  if (reader.Short() != kInternet || reader.failed()) return Bad("has no question about names");
  if (!name) return Bad("asks about a name that is none");
  question.name = Lower(*name);
  question.sent = std::move(*name);
  return question;
}

struct RawRecord {
  std::optional<std::string> name;
  uint16_t type = 0;
  uint16_t kind = 0;  // class; of OPT the size
  uint32_t ttl = 0;
};

// The record's data, too; `data` is only for the types that the proxy knows.
std::optional<DnsRecord> ReadData(const RawRecord& raw, DnsReader data, bool& broken) {
  if (raw.kind != kInternet) return std::nullopt;
  DnsRecord record{.name = raw.name ? Lower(*raw.name) : "", .type = raw.type, .ttl = raw.ttl};
  if (raw.type == kDnsCname) {
    const std::optional<std::string> target = data.Name(/*may_point=*/true);
    broken = !data.done();
    if (broken || !target || !raw.name) return std::nullopt;
    record.target = Lower(*target);
    return record;
  }
  if (raw.type != kDnsA && raw.type != kDnsAaaa) return std::nullopt;
  const auto address = AddressOfBytes(data.Bytes(raw.type == kDnsA ? 4 : 16));
  broken = !data.done() || !address;
  if (broken || !raw.name) return std::nullopt;
  record.address = *address;
  return record;
}

RawRecord ReadOwner(DnsReader& reader) {
  RawRecord raw;
  raw.name = reader.Name(/*may_point=*/true);
  raw.type = reader.Short();
  raw.kind = reader.Short();
  raw.ttl = reader.Long();
  if (raw.ttl > 0x7fffffff) raw.ttl = 0;  // RFC 2181, section 8
  return raw;
}

// Reads `count` records; those that the proxy knows go into `records` unless it is null.
bool ReadRecords(DnsReader& reader, size_t count, std::vector<DnsRecord>* records) {
  for (size_t i = 0; i < count && !reader.failed(); ++i) {
    const RawRecord raw = ReadOwner(reader);
    const DnsReader data = reader.Part(reader.Short());
    if (reader.failed() || records == nullptr) continue;
    bool broken = false;
    std::optional<DnsRecord> record = ReadData(raw, data, broken);
    if (broken) return false;
    if (record) records->push_back(std::move(*record));
  }
  return !reader.failed();
}

// The one record that a query may bring: what the client can take (RFC 6891).
bool ReadEdns(DnsReader& reader, DnsQuery& query) {
  const RawRecord raw = ReadOwner(reader);
  reader.Skip(reader.Short());
  if (reader.failed() || raw.type != kOpt || !raw.name || !raw.name->empty()) return false;
  query.edns = true;
  query.udp_size = std::clamp<size_t>(raw.kind, kDnsPlainUdp, kDnsMaxUdp);
  return true;
}

void PutQuestion(std::string& text, const DnsQuestion& question) {
  PutDnsName(text, question.sent);
  PutDnsShort(text, question.type);
  PutDnsShort(text, kInternet);
}

void PutEdns(std::string& text) {
  text += '\0';
  PutDnsShort(text, kOpt);
  PutDnsShort(text, kDnsMaxUdp);
  PutDnsLong(text, 0);
  PutDnsShort(text, 0);
}

void PutRecord(std::string& text, const DnsQuestion& question, const DnsRecord& record) {
  if (record.name == question.name && !record.name.empty()) {
    PutDnsShort(text, kOwnerPointer);
  } else {
    PutDnsName(text, record.name);
  }
  PutDnsShort(text, record.type);
  PutDnsShort(text, kInternet);
  PutDnsLong(text, record.ttl);
  std::string data;
  if (record.type == kDnsCname) {
    PutDnsName(data, record.target);
  } else {
    data.assign(reinterpret_cast<const char*>(record.address.bytes.data()), record.address.size());
  }
  PutDnsShort(text, static_cast<uint32_t>(data.size()));
  text += data;
}

std::string Begin(const DnsQuery& query, uint32_t flags, size_t answers) {
  std::string text;
  PutDnsShort(text, query.id);
  PutDnsShort(text,
              kResponse | kRecursionAvailable | flags | (query.recursion ? kRecursionDesired : 0));
  for (const size_t count : {size_t{1}, answers, size_t{0}, size_t{query.edns ? 1U : 0U}}) {
    PutDnsShort(text, static_cast<uint32_t>(count));
  }
  PutQuestion(text, query.question);
  return text;
}

}  // namespace

Result<DnsQuery> ParseDnsQuery(std::span<const uint8_t> message) {
  DnsReader reader(message);
  const Header header = ReadHeader(reader);
  if (reader.failed()) return Bad("is too short");
  if ((header.flags & (kResponse | kOpcode | kTruncated)) != 0) return Bad("is no plain query");
  if (header.questions != 1 || header.answers != 0 || header.authorities != 0 ||
      header.additional > 1) {
    return Bad("has more than one question");
  }
  DnsQuery query{.id = header.id, .recursion = (header.flags & kRecursionDesired) != 0};
  query.question = TRY(ReadQuestion(reader));
  if (header.additional == 1 && !ReadEdns(reader, query)) return Bad("has a strange addition");
  if (!reader.done()) return Bad("has something behind its end");
  return query;
}

Result<DnsAnswer> ParseDnsAnswer(std::span<const uint8_t> message) {
  DnsReader reader(message);
  const Header header = ReadHeader(reader);
  if (reader.failed()) return Bad("is too short");
  if ((header.flags & kResponse) == 0 || (header.flags & kOpcode) != 0 || header.questions != 1) {
    return Bad("is no answer");
  }
  DnsAnswer answer{.id = header.id,
                   .code = static_cast<DnsCode>(header.flags & kCode),
                   .truncated = (header.flags & kTruncated) != 0};
  answer.question = TRY(ReadQuestion(reader));
  if (answer.truncated) return answer;  // the client asks again
  if (!ReadRecords(reader, header.answers, &answer.records) ||
      !ReadRecords(reader, header.authorities, nullptr) ||
      !ReadRecords(reader, header.additional, nullptr) || !reader.done()) {
    return Bad("has a broken record");
  }
  return answer;
}

std::string DnsFormatErrorFor(std::span<const uint8_t> message) {
  DnsReader reader(message);
  const Header header = ReadHeader(reader);
  if (reader.failed() || (header.flags & kResponse) != 0) return "";
  const bool plain = (header.flags & kOpcode) == 0;
  std::string text;
  PutDnsShort(text, header.id);
  PutDnsShort(text,
              kResponse | (header.flags & (kOpcode | kRecursionDesired)) |
                  static_cast<uint32_t>(plain ? DnsCode::kFormatError : DnsCode::kNotImplemented));
  for (int i = 0; i < 4; ++i) PutDnsShort(text, 0);
  return text;
}

std::string BuildDnsQuery(uint16_t id, const DnsQuestion& question) {
  std::string text;
  PutDnsShort(text, id);
  PutDnsShort(text, kRecursionDesired);
  for (const uint32_t count : {1U, 0U, 0U, 1U}) PutDnsShort(text, count);
  PutQuestion(text, question);
  PutEdns(text);
  return text;
}

std::string BuildDnsAnswer(const DnsQuery& query, DnsCode code, std::span<const DnsRecord> records,
                           size_t limit) {
  std::string text = Begin(query, static_cast<uint32_t>(code), records.size());
  for (const DnsRecord& record : records) PutRecord(text, query.question, record);
  if (query.edns) PutEdns(text);
  return text.size() <= limit ? text : BuildDnsTruncated(query);
}

std::string BuildDnsTruncated(const DnsQuery& query) {
  std::string text = Begin(query, kTruncated, 0);
  if (query.edns) PutEdns(text);
  return text;
}

}  // namespace runward
