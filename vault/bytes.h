#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runward {

// The vault's primitive encodings: little-endian integers, and strings behind their length (u32).
class ByteWriter {
 public:
  ByteWriter& U8(uint8_t value);
  ByteWriter& U32(uint32_t value);
  ByteWriter& U64(uint64_t value);
  ByteWriter& Text(std::string_view text);  // its length, then itself
  ByteWriter& Raw(std::string_view bytes);
  ByteWriter& Zeros(size_t until_size);  // pads to that size

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what ByteWriter wrote. Past the end it gives zeros and remembers: look at ok() before
// believing anything that was read.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  std::string_view Text(size_t max);  // longer than `max` is not ok
  std::string_view Raw(size_t size);
  bool Zeros(size_t size);  // whether the next `size` bytes are there and zero

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return ok_ && rest_.empty(); }
  [[nodiscard]] size_t left() const { return rest_.size(); }

 private:
  uint64_t Integer(size_t size);
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace runward
