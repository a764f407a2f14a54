#include "agent/loader_file.h"

#include <elf.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace runward {
namespace {

constexpr size_t kMostTable = size_t{64} << 10;  // bytes; the kernel reads no longer table either

template <typename Entry>
std::vector<Entry> TableAt(int file, uint64_t offset, uint64_t bytes) {
  if (bytes > kMostTable || offset > INT64_MAX) return {};
  std::vector<Entry> entries(bytes / sizeof(Entry));
  const size_t size = entries.size() * sizeof(Entry);
  const ssize_t got = pread(file, entries.data(), size, static_cast<off_t>(offset));
  if (got != static_cast<ssize_t>(size)) return {};
  return entries;
}

struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Dynamic = Elf32_Dyn;
};
struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Dynamic = Elf64_Dyn;
};

// The dynamic section of a shared object that has no interpreter (elf(5)).
template <typename Segment>
std::optional<Segment> OwnDynamics(const std::vector<Segment>& segments) {
  std::optional<Segment> dynamic;
  for (const Segment& one : segments) {
    if (one.p_type == PT_INTERP) return std::nullopt;
    if (one.p_type == PT_DYNAMIC) dynamic = one;
  }
  return dynamic;
}

template <typename Elf>
bool IsLoader(int file) {
  const auto headers = TableAt<typename Elf::Header>(file, 0, sizeof(typename Elf::Header));
  if (headers.empty() || headers.front().e_type != ET_DYN) return false;
  const auto& header = headers.front();
  const uint64_t bytes = uint64_t{header.e_phnum} * sizeof(typename Elf::Segment);
  const auto segment = OwnDynamics(TableAt<typename Elf::Segment>(file, header.e_phoff, bytes));
  if (!segment) return false;
  bool names = false;  // of a static program the table of them is one byte: an empty string
  for (const auto& one :
       TableAt<typename Elf::Dynamic>(file, segment->p_offset, segment->p_filesz)) {
    if (one.d_tag == DT_NULL) break;
    if (one.d_tag == DT_FLAGS_1 && (one.d_un.d_val & DF_1_PIE) != 0) return false;
    if (one.d_tag == DT_STRSZ) names = one.d_un.d_val > 1;
  }
  return names;
}

}  // namespace

bool IsLoaderFile(int file) {
  std::array<unsigned char, EI_NIDENT> ident{};
  if (pread(file, ident.data(), ident.size(), 0) != static_cast<ssize_t>(ident.size()))
    return false;
  if (memcmp(ident.data(), ELFMAG, SELFMAG) != 0) return false;
  return ident[EI_CLASS] == ELFCLASS32 ? IsLoader<Elf32>(file) : IsLoader<Elf64>(file);
}

}  // namespace runward
