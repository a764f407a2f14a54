#include "vault/bytes.h"

#include <algorithm>

namespace runward {

ByteWriter& ByteWriter::U8(uint8_t value) {
  bytes_ += static_cast<char>(value);
  return *this;
}

ByteWriter& ByteWriter::U32(uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) U8(static_cast<uint8_t>(value >> shift));
  return *this;
}

ByteWriter& ByteWriter::U64(uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) U8(static_cast<uint8_t>(value >> shift));
  return *this;
}

ByteWriter& ByteWriter::Text(std::string_view text) {
  U32(static_cast<uint32_t>(text.size()));
  return Raw(text);
}

ByteWriter& ByteWriter::Raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

ByteWriter& ByteWriter::Zeros(size_t until_size) {
  bytes_.resize(std::max(bytes_.size(), until_size), '\0');
  return *this;
}

std::string_view ByteReader::Raw(size_t size) {
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

uint64_t ByteReader::Integer(size_t size) {
  uint64_t value = 0;
  const std::string_view bytes = Raw(size);
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

uint8_t ByteReader::U8() { return static_cast<uint8_t>(Integer(1)); }
uint32_t ByteReader::U32() { return static_cast<uint32_t>(Integer(4)); }
uint64_t ByteReader::U64() { return Integer(8); }

std::string_view ByteReader::Text(size_t max) {
  const uint32_t size = U32();
  if (size > max) ok_ = false;
  return Raw(size);
}

bool ByteReader::Zeros(size_t size) {
  const std::string_view bytes = Raw(size);
  return ok_ && std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

}  // namespace runward
