#include "agent/kernel_probe.h"

#include <elf.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace runward {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
// mov $42, %edi; mov $60, %eax (exit); syscall
constexpr uint8_t kCode[] = {0xbf, kProbeStatus, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
// mov x0, #42; mov x8, #93 (exit); svc #0
constexpr uint8_t kCode[] = {0x40, 0x05, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0, 0, 0xd4};
#else
#error "the probe knows x86-64 and arm64"
#endif

struct Program {
  Elf64_Ehdr header;
  Elf64_Phdr segment;
  uint8_t code[sizeof(kCode)];
};

constexpr uint64_t kBase = 0x400000;

Program Build() {
  Program program = {};
  memcpy(program.header.e_ident, ELFMAG, SELFMAG);
  program.header.e_ident[EI_CLASS] = ELFCLASS64;
  program.header.e_ident[EI_DATA] = ELFDATA2LSB;
  program.header.e_ident[EI_VERSION] = EV_CURRENT;
  program.header.e_type = ET_EXEC;
  program.header.e_machine = kMachine;
  program.header.e_version = EV_CURRENT;
  program.header.e_entry = kBase + offsetof(Program, code);
  program.header.e_phoff = offsetof(Program, segment);
  program.header.e_ehsize = sizeof(Elf64_Ehdr);
  program.header.e_phentsize = sizeof(Elf64_Phdr);
  program.header.e_phnum = 1;
  program.segment = {.p_type = PT_LOAD,
                     .p_flags = PF_R | PF_X,
                     .p_offset = 0,
                     .p_vaddr = kBase,
                     .p_paddr = kBase,
                     .p_filesz = sizeof(Program),
                     .p_memsz = sizeof(Program),
                     .p_align = 0x1000};
  memcpy(program.code, kCode, sizeof(kCode));
  return program;
}

}  // namespace

Result<UniqueFd> MakeProbe() {
  // Kernels before 6.3 do not know the flag.
  UniqueFd fd(memfd_create("runward-probe", MFD_CLOEXEC | MFD_EXEC));
  if (!fd.valid() && errno == EINVAL) fd = UniqueFd(memfd_create("runward-probe", MFD_CLOEXEC));
  if (!fd.valid()) return ErrnoError("memfd_create", errno);
  Program program = Build();
  if (write(fd.get(), &program, sizeof(program)) != sizeof(program)) {
    return ErrnoError("cannot write the self-test's program", errno);
  }
  return fd;
}

}  // namespace runward
