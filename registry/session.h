#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "registry/challenge.h"
#include "registry/credentials.h"
#include "registry/http.h"
#include "registry/image_reference.h"

namespace runward {

// A conversation with one registry: it knows where the registry is, answers its demand for
// credentials once (Basic, or a token of the service that the registry names: distribution's token
// specification), and keeps the token for the next request. A registry that could not be reached is
// not tried again: later requests fail at once with the first one's Error.
class RegistrySession {
 public:
  // `image`: one of the registry's, for its address.
  RegistrySession(HttpClient& http, const Credentials& credentials, const ImageReference& image);

  // `path` begins with "/v2/", or is an absolute URL of the same registry. `scope` is what a token
  // is asked for, "repository:web/app:pull". An Error when there is no answer, or when the registry
  // wants credentials and those that there are do not do.
  Result<HttpResponse> Send(HttpRequest request, const std::string& path, const std::string& scope,
                            size_t max_body);

  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  Result<HttpResponse> Reach(const HttpRequest& request, size_t max_body);
  // The header's value that answers the challenge.
  Result<std::string> Authorize(const Challenge& challenge, const std::string& scope);
  Result<std::string> FetchToken(const Challenge& challenge, const std::string& scope,
                                 const std::optional<Credential>& credential);

  HttpClient& http_;
  const Credentials& credentials_;
  std::string host_;                                   // as named
  std::string base_;                                   // "https://registry.example.com"
  std::map<std::string, std::string> authorizations_;  // by scope
  std::optional<Error> unreachable_;
};

}  // namespace runward
