#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace runward {

// Writes small bolt files for tests, after bbolt's page.go and db.go: two meta pages, a free list,
// and a root bucket whose sub-buckets are inline. Independent of the reader in oci/bolt.cc.
struct BoltTree {
  std::map<std::string, std::string> values;
  std::map<std::string, BoltTree> buckets;
};

class BoltBuilder {
 public:
  static constexpr uint32_t kPageSize = 4096;

  // The file's bytes; with `split` the root is a branch over one leaf page a key.
  static std::string File(const BoltTree& tree, uint64_t txid, bool split = false) {
    std::vector<std::string> pages;
    if (split) {
      std::vector<std::pair<std::string, uint64_t>> children;
      for (const auto& [key, element] : Elements(tree)) {
        children.emplace_back(key, 4 + pages.size());
        pages.push_back(Padded(Leaf(4 + pages.size(), {{key, element}})));
      }
      pages.insert(pages.begin(), Padded(Branch(3, children)));
    } else {
      pages.push_back(Padded(Leaf(3, Elements(tree))));
    }
    uint64_t end = 3;
    for (const std::string& page : pages) end += page.size() / kPageSize;
    std::string file = Meta(0, end, txid) + Meta(1, end, txid - 1) + Padded(Header(2, 0x10, 0, 0));
    for (const std::string& page : pages) file += page;
    return file;
  }

  // Replaces the bytes at a place and sets the right checksum on both meta pages again.
  static std::string Resealed(std::string file) {
    for (const size_t page : {size_t{0}, size_t{kPageSize}}) {
      const std::string meta = file.substr(page + 16, 56);
      file.replace(page + 16 + 56, 8, Bytes(Checksum(meta)));
    }
    return file;
  }

  // A descriptor of an anonymous file with these bytes.
  static int Descriptor(const std::string& bytes) {
    const int fd = memfd_create("bolt", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      return -1;
    }
    return fd;
  }

  template <typename T>
  static std::string Bytes(T number) {
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
  }

 private:
  struct Element {
    std::string value;
    bool is_bucket = false;
  };
  using Sorted = std::map<std::string, Element>;

  static Sorted Elements(const BoltTree& tree) {
    Sorted elements;
    for (const auto& [key, value] : tree.values) elements[key] = {value, false};
    for (const auto& [key, bucket] : tree.buckets) {
      elements[key] = {std::string(16, '\0') + Leaf(0, Elements(bucket)), true};
    }
    return elements;
  }

  static std::string Header(uint64_t id, uint16_t flags, uint16_t count, uint32_t overflow) {
    return Bytes(id) + Bytes(flags) + Bytes(count) + Bytes(overflow);
  }

  static std::string Leaf(uint64_t id, const Sorted& elements) {
    std::string table;
    std::string data;
    for (const auto& [key, element] : elements) {
      const size_t from_here = 16 * elements.size() - table.size() + data.size();
      table += Bytes(uint32_t{element.is_bucket}) + Bytes(static_cast<uint32_t>(from_here)) +
               Bytes(static_cast<uint32_t>(key.size())) +
               Bytes(static_cast<uint32_t>(element.value.size()));
      data += key + element.value;
    }
    const size_t size = 16 + table.size() + data.size();
    const auto overflow = static_cast<uint32_t>(id == 0 ? 0 : (size - 1) / kPageSize);
    return Header(id, 2, static_cast<uint16_t>(elements.size()), overflow) + table + data;
  }

  static std::string Branch(uint64_t id,
                            const std::vector<std::pair<std::string, uint64_t>>& children) {
    std::string table;
    std::string data;
    for (const auto& [key, child] : children) {
      const size_t from_here = 16 * children.size() - table.size() + data.size();
      table += Bytes(static_cast<uint32_t>(from_here)) + Bytes(static_cast<uint32_t>(key.size())) +
               Bytes(child);
      data += key;
    }
    return Header(id, 1, static_cast<uint16_t>(children.size()), 0) + table + data;
  }

  static uint64_t Checksum(const std::string& bytes) {
    uint64_t hash = 14695981039346656037ULL;
    for (const char byte : bytes) {
      hash ^= static_cast<uint8_t>(byte);
      hash *= 1099511628211ULL;
    }
    return hash;
  }

  static std::string Meta(uint64_t id, uint64_t end, uint64_t txid) {
    const std::string meta = Bytes(uint32_t{0xED0CDAED}) + Bytes(uint32_t{2}) + Bytes(kPageSize) +
                             Bytes(uint32_t{0}) + Bytes(uint64_t{3}) + Bytes(uint64_t{0}) +
                             Bytes(uint64_t{2}) + Bytes(end) + Bytes(txid);
    return Padded(Header(id, 4, 0, 0) + meta + Bytes(Checksum(meta)));
  }

  static std::string Padded(std::string page) {
    page.resize((page.size() + kPageSize - 1) / kPageSize * kPageSize);
    return page;
  }
};

}  // namespace runward
