#include "tools/forgetful_heap.h"

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

// The sanitizers have a heap of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RUNWARD_OWN_FREE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RUNWARD_OWN_FREE 0
#endif
#endif
#ifndef RUNWARD_OWN_FREE
#define RUNWARD_OWN_FREE 1
#endif

namespace {

bool forgetful = false;

}  // namespace

namespace runward {

void ForgetWhatIsFreed() { forgetful = true; }

}  // namespace runward

#if RUNWARD_OWN_FREE

// The program's free(3) and realloc(3) come before the C library's, for libraries too: operator
// delete and libyaml call them. Both still come to the C library's.
extern "C" {

void LibrarysFree(void* memory) asm("__libc_free");
void* LibrarysRealloc(void* memory, size_t size) asm("__libc_realloc");

void free(void* memory) noexcept {
  if (forgetful && memory != nullptr) explicit_bzero(memory, malloc_usable_size(memory));
  LibrarysFree(memory);
}

// Where the block is moved the old one is freed within the library, as it is.
void* realloc(void* memory, size_t size) noexcept {
  if (!forgetful || memory == nullptr || size == 0) return LibrarysRealloc(memory, size);
  void* const moved = malloc(size);
  if (moved == nullptr) return nullptr;
  const size_t before = malloc_usable_size(memory);
  std::memcpy(moved, memory, before < size ? before : size);
  free(memory);
  return moved;
}

}  // extern "C"

#endif
