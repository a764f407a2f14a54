#include "agent/trim.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace runward {
namespace {

// What the program has read of its file and never writes; of the program alone, which comes first.
int ForgetProgram(dl_phdr_info* info, size_t /*size*/, void* /*unused*/) {
  const auto page = static_cast<ElfW(Addr)>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const ElfW(Addr) start = (info->dlpi_addr + part.p_vaddr) & ~(page - 1);
    const ElfW(Addr) end = info->dlpi_addr + part.p_vaddr + part.p_filesz;
    (void)syscall(SYS_madvise, start, end - start, MADV_DONTNEED);
  }
  return 1;
}

}  // namespace

void TrimMemory() {
  malloc_trim(0);
  dl_iterate_phdr(ForgetProgram, nullptr);
}

}  // namespace runward
