#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace runward {

// Reads a DNS message from its beginning; every read past its end, and every name that is not well
// formed, makes it fail for good. A compressed name points only backwards, to a place before the
// name itself, and so ends.
class DnsReader {
 public:
  explicit DnsReader(std::span<const uint8_t> message) : message_(message) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool done() const { return !failed_ && at_ == message_.size(); }

  uint8_t Byte();
  uint16_t Short();
  uint32_t Long();
  std::span<const uint8_t> Bytes(size_t count);
  void Skip(size_t count) { (void)Bytes(count); }
  // With labels as they came, dots between them; nullopt for a name with a label that has another
  // byte than letters, digits, "-" and "_", which is read past.
  std::optional<std::string> Name(bool may_point);
  // As Bytes, as a reader of its own that can follow pointers into the whole message.
  DnsReader Part(size_t count);

 private:
  bool Pointer(uint8_t first, size_t& at, size_t& least);
  static bool Append(std::string& name, std::string_view label);

  std::span<const uint8_t> message_;
  size_t at_ = 0;
  bool failed_ = false;
};

void PutDnsShort(std::string& text, uint32_t value);
void PutDnsLong(std::string& text, uint32_t value);
// Of a name as DnsReader reads it.
void PutDnsName(std::string& text, std::string_view name);

}  // namespace runward
