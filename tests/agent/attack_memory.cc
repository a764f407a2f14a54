// Code that comes to run without being executed, or from a file that lies nowhere.
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "tests/agent/attack.h"

namespace runward::attack {
namespace {

constexpr size_t kMost = 1 << 16;

// Where the file's code begins, from the file's beginning.
size_t Entry(const std::string& content) {
  Elf64_Ehdr header;
  memcpy(&header, content.data(), sizeof(header));
  for (int i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr part;
    memcpy(&part, content.data() + header.e_phoff + static_cast<size_t>(i) * sizeof(part),
           sizeof(part));
    bool within = header.e_entry >= part.p_vaddr && header.e_entry < part.p_vaddr + part.p_filesz;
    if (part.p_type == PT_LOAD && within) return header.e_entry - part.p_vaddr + part.p_offset;
  }
  return 0;
}

void Jump(void* mapped, const std::string& content) {
  if (mapped == MAP_FAILED) return;
  char* at = static_cast<char*>(mapped) + Entry(content);
  void (*code)() = nullptr;
  memcpy(&code, &at, sizeof(at));
  code();
}

void MapAndJump(const std::string& path, int flags) {
  std::string content = Content(path);
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  Jump(mmap(nullptr, content.size(), PROT_READ | PROT_EXEC, flags, fd, 0), content);
}

Score Map(const Place& place) {
  return Once([&] { MapAndJump(place.denied, MAP_PRIVATE); });
}

Score MapShared(const Place& place) {
  return Once([&] { MapAndJump(place.denied, MAP_SHARED); });
}

Score MapCopy(const Place& place) {
  std::string path = place.writable + "/mapped";
  CopyTo(place.denied, path);
  return Once([&] { MapAndJump(path, MAP_PRIVATE); });
}

Score Protect(const Place& place) {
  return Once([&] {
    std::string content = Content(place.denied);
    int fd = open(place.denied.c_str(), O_RDONLY | O_CLOEXEC);
    void* at = mmap(nullptr, content.size(), PROT_READ, MAP_PRIVATE, fd, 0);
    if (mprotect(at, content.size(), PROT_READ | PROT_EXEC) == 0) Jump(at, content);
  });
}

// A personality under which whatever is readable may be executed.
Score ReadImpliesExec(const Place& place) {
  return Once([&] {
    std::string content = Content(place.denied);
    int fd = open(place.denied.c_str(), O_RDONLY | O_CLOEXEC);
    personality(READ_IMPLIES_EXEC);
    Jump(mmap(nullptr, content.size(), PROT_READ, MAP_PRIVATE, fd, 0), content);
  });
}

int Memory(const std::string& content) {
  int fd = memfd_create("code", MFD_CLOEXEC);
  (void)!write(fd, content.data(), content.size());
  return fd;
}

Score Memfd(const Place& place) {
  return Once([&] {
    const char* argv[] = {"x", nullptr};
    char* env[] = {nullptr};
    syscall(SYS_execveat, Memory(Content(place.denied)), "", argv, env, AT_EMPTY_PATH);
  });
}

Score MemfdProc(const Place& place) {
  return Once([&] { Execute("/proc/self/fd/" + std::to_string(Memory(Content(place.denied)))); });
}

Score MemfdMap(const Place& place) {
  return Once([&] {
    std::string content = Content(place.denied);
    int fd = Memory(content);
    Jump(mmap(nullptr, content.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0), content);
  });
}

// What no hook sees: bytes like any others, in memory that a program made executable.
Score Anonymous(const Place& place) {
  return Once([&] {
    std::string content = Content(place.denied);
    void* at = mmap(nullptr, kMost, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || content.size() > kMost) return;
    memcpy(at, content.data(), content.size());
    if (mprotect(at, kMost, PROT_READ | PROT_EXEC) == 0) Jump(at, content);
  });
}

Score Loader(const Place& place) {
  return Once([&] { Execute(place.loader, {"ld.so", place.denied}); });
}

Score LoaderCopy(const Place& place) {
  std::string path = place.writable + "/ld.so";
  CopyTo(place.loader, path);
  return Once([&] { Execute(path, {"ld.so", place.denied}); });
}

}  // namespace

std::vector<Technique> MemoryTechniques() {
  return {{"loader", Loader},         {"loader-copy", LoaderCopy},
          {"memfd", Memfd},           {"memfd-proc-fd", MemfdProc},
          {"memfd-mmap", MemfdMap},   {"mmap", Map},
          {"mmap-shared", MapShared}, {"mmap-copy", MapCopy},
          {"mprotect", Protect},      {"read-implies-exec", ReadImpliesExec},
          {"anonymous", Anonymous}};
}

}  // namespace runward::attack
