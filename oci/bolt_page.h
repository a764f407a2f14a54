#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace runward {

// The layout of a bolt page (bbolt page.go), read from bytes that may be anything: every accessor
// checks its bounds and yields nullopt beyond them. Numbers are in the host's order, as bolt writes
// them; runward runs on little-endian machines only.
class BoltPage {
 public:
  static constexpr size_t kHeader = 16;
  static constexpr size_t kElement = 16;
  static constexpr uint16_t kBranch = 0x01;
  static constexpr uint16_t kLeaf = 0x02;
  static constexpr uint32_t kBucketElement = 0x01;

  struct LeafElement {
    std::string_view key;
    std::string_view value;
    bool is_bucket = false;
  };
  struct BranchElement {
    std::string_view key;
    uint64_t child = 0;
  };

  explicit BoltPage(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool IsLeaf() const { return Number<uint16_t>(8) == kLeaf; }
  [[nodiscard]] bool IsBranch() const { return Number<uint16_t>(8) == kBranch; }
  [[nodiscard]] size_t count() const { return Number<uint16_t>(10).value_or(0); }
  [[nodiscard]] std::optional<uint32_t> overflow() const { return Number<uint32_t>(12); }
  [[nodiscard]] std::optional<uint64_t> id() const { return Number<uint64_t>(0); }

  [[nodiscard]] std::optional<LeafElement> Leaf(size_t index) const {
    const size_t at = kHeader + index * kElement;
    const auto flags = Number<uint32_t>(at);
    const auto key = Bytes(at, Number<uint32_t>(at + 4), Number<uint32_t>(at + 8));
    if (!flags || !key) return std::nullopt;
    const auto key_end = static_cast<uint32_t>(key->data() + key->size() - bytes_.data() - at);
    const auto value = Bytes(at, key_end, Number<uint32_t>(at + 12));
    if (!value) return std::nullopt;
    return LeafElement{*key, *value, (*flags & kBucketElement) != 0};
  }
  [[nodiscard]] std::optional<BranchElement> Branch(size_t index) const {
    const size_t at = kHeader + index * kElement;
    const auto key = Bytes(at, Number<uint32_t>(at), Number<uint32_t>(at + 4));
    const auto child = Number<uint64_t>(at + 8);
    if (!key || !child) return std::nullopt;
    return BranchElement{*key, *child};
  }

  template <typename T>
  [[nodiscard]] std::optional<T> Number(size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) return std::nullopt;
    T number{};
    std::memcpy(&number, bytes_.data() + at, sizeof number);
    return number;
  }

 private:
  [[nodiscard]] std::optional<std::string_view> Bytes(size_t base, std::optional<uint32_t> offset,
                                                      std::optional<uint32_t> size) const {
    if (!offset || !size) return std::nullopt;
    const size_t start = base + *offset;
    if (start > bytes_.size() || bytes_.size() - start < *size) return std::nullopt;
    return bytes_.substr(start, *size);
  }

  std::string_view bytes_;
};

}  // namespace runward
