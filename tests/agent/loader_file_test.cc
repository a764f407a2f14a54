#include "agent/loader_file.h"

#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/fd.h"

namespace runward {
namespace {

bool IsOne(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(file.valid()) << path;
  return IsLoaderFile(file.get());
}

// A shared object of 32 bits, with a table of names that long.
template <typename Change>
bool IsOneOf32(const Change& change) {
  struct {
    Elf32_Ehdr header{};
    Elf32_Phdr segments[2]{};
    Elf32_Dyn dynamic[3]{};
  } made;
  memcpy(made.header.e_ident, ELFMAG, SELFMAG);
  made.header.e_ident[EI_CLASS] = ELFCLASS32;
  made.header.e_type = ET_DYN;
  made.header.e_phoff = sizeof made.header;
  made.header.e_phnum = 2;
  made.segments[0].p_type = PT_LOAD;
  made.segments[1].p_type = PT_DYNAMIC;
  made.segments[1].p_offset = sizeof made.header + sizeof made.segments;
  made.segments[1].p_filesz = sizeof made.dynamic;
  made.dynamic[0] = {.d_tag = DT_STRSZ, .d_un = {.d_val = 100}};
  made.dynamic[1] = {.d_tag = DT_FLAGS_1, .d_un = {.d_val = DF_1_NOW}};
  change(made);
  const UniqueFd file(memfd_create("loader", MFD_CLOEXEC));
  EXPECT_EQ(write(file.get(), &made, sizeof made), static_cast<ssize_t>(sizeof made));
  return IsLoaderFile(file.get());
}

TEST(LoaderFile, IsKnownWhateverItIsCalled) {
  EXPECT_TRUE(IsOne("/lib64/ld-linux-x86-64.so.2"));
  const UniqueFd copy(memfd_create("anything", MFD_CLOEXEC));
  const UniqueFd loader(open("/lib64/ld-linux-x86-64.so.2", O_RDONLY | O_CLOEXEC));
  std::string part(size_t{1} << 20, ' ');
  for (ssize_t size = 0; (size = read(loader.get(), part.data(), part.size())) > 0;) {
    ASSERT_EQ(write(copy.get(), part.data(), static_cast<size_t>(size)), size);
  }
  EXPECT_TRUE(IsLoaderFile(copy.get()));
  EXPECT_TRUE(IsOneOf32([](auto&) {}));
}

TEST(LoaderFile, ProgramsAreNone) {
  EXPECT_FALSE(IsOne("/bin/true"));
  EXPECT_FALSE(IsOne("/bin/busybox"));
  EXPECT_FALSE(IsOne(RUNWARD_ATTACKS "/attack_payload"));  // -static-pie
  EXPECT_FALSE(IsOne("/etc/passwd"));
  EXPECT_FALSE(IsOne("/dev/null"));
  EXPECT_FALSE(IsLoaderFile(-1));
}

TEST(LoaderFile, WhatHasAnInterpreterOrNoNamesIsNone) {
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.header.e_type = ET_EXEC; }));
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.segments[0].p_type = PT_INTERP; }));
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.segments[1].p_type = PT_NOTE; }));
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.dynamic[0].d_un.d_val = 1; }));
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.dynamic[1].d_un.d_val = DF_1_PIE; }));
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.segments[1].p_offset = 0xffffff00; }));
  EXPECT_FALSE(IsOneOf32([](auto& made) { made.header.e_phnum = 0xffff; }));
}

}  // namespace
}  // namespace runward
