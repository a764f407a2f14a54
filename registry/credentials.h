#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace runward {

struct Credential {
  std::string user;
  std::string secret;
  std::string identity_token;  // OAuth 2 refresh token, instead of a secret; mostly ""
};

// Runs docker-credential-NAME get, with `server` as its input: its output, or nullopt when it has
// nothing for that server.
using CredentialHelper = std::function<Result<std::optional<std::string>>(
    const std::string& name, const std::string& server)>;

// The credentials of Docker's config.json (podman's auth.json is the same): "credHelpers" before
// "credsStore" before "auths", by the registry's host.
class Credentials {
 public:
  static constexpr size_t kMaxBytes = size_t{1} << 20;

  Credentials() = default;  // nobody's
  // `file` is for messages.
  static Result<Credentials> Parse(const std::string& text, const std::string& file,
                                   CredentialHelper helper);

  // nullopt: go there without. `host` as in ImageReference.
  [[nodiscard]] Result<std::optional<Credential>> For(const std::string& host) const;

 private:
  std::map<std::string, Credential> auths_;
  std::map<std::string, std::string> helpers_;  // host: the helper's name
  std::string store_;                           // "credsStore"
  CredentialHelper helper_;
};

// Of a helper's output: {"Username": ..., "Secret": ...}.
Result<Credential> ParseHelperOutput(const std::string& text, const std::string& helper);

}  // namespace runward
