#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/event.h"

namespace runward {
namespace {

// Crockford's base32 in lower case: no i, l, o or u to misread over a telephone.
constexpr char kDigits[] = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kIdLength = 13;  // 65 bits

}  // namespace

std::string NewEventId() {
  std::array<unsigned char, kIdLength> random{};
  size_t filled = 0;
  while (filled < random.size()) {
    const ssize_t got = getrandom(random.data() + filled, random.size() - filled, 0);
    // A kernel without random numbers cannot run the runtime either; a guessable id would be worse.
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) filled += static_cast<size_t>(got);
  }
  std::string id;
  for (unsigned char byte : random) id += kDigits[byte & 31];
  return id;
}

}  // namespace runward
