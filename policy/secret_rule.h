#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace runward {

// A profile's "secrets" section: what its containers receive from the vault. Nothing else of the
// vault reaches a container.

// Who may read the file: octal, as in chmod(1).
inline constexpr std::string_view kSecretModes[] = {"0400", "0440", "0444"};
inline constexpr std::string_view kSecretSignals[] = {"SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1",
                                                      "SIGUSR2"};

struct SecretRule {
  std::string name;  // "vault:web/db#password": base/secret_reference.h
  std::string file;  // absolute, in the container; its directory becomes a tmpfs
  uint32_t mode = 0400;
  std::optional<uint32_t> uid;  // in the container; absent: the process'
  std::optional<uint32_t> gid;
  std::string env;       // set for the first process by runward-env; "" for none
  std::string file_env;  // set to `file`; "" for none
  bool refresh = false;  // replaced in running containers when the vault changes
  std::string signal;    // sent to the first process after a replacement; "" for none

  [[nodiscard]] std::string directory() const { return file.substr(0, file.rfind('/')); }
  [[nodiscard]] std::string base_name() const { return file.substr(file.rfind('/') + 1); }
  bool operator==(const SecretRule&) const = default;
};

// Of a section that Validate and CheckSecrets found good; none for an absent one.
std::vector<SecretRule> ReadSecretRules(JsonValue secrets);

// The number of one of kSecretSignals (signal(7), as on all of Linux' usual machines); 0 for "".
int SignalNumber(std::string_view name);

// Whether the text can be the name of a variable: letters, digits and '_', no digit first.
bool IsVariableName(std::string_view text);

}  // namespace runward
