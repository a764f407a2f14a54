#include "base/result.h"

#include <cstring>

namespace runward {

Error ErrnoError(std::string message, int err) {
  message += ": ";
  message += strerrordesc_np(err) != nullptr ? strerrordesc_np(err) : "unknown error";
  return {std::move(message), ""};
}

}  // namespace runward
