#include "tools/passphrase.h"

#include <cstdlib>

#include "tools/typed_secret.h"

namespace runward {

Result<LockedBytes> AskPassphrase(const char* variable, const std::string& prompt) {
  if (const char* given = std::getenv(variable)) return LockedBytes::Copy(given);
  Result<LockedBytes> typed = AskSecret(prompt);
  if (typed.ok()) return typed;
  return Error{"no passphrase: " + typed.error().message,
               std::string("set ") + variable + " in the environment"};
}

}  // namespace runward
