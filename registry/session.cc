#include "registry/session.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxTokenBytes = size_t{64} << 10;

std::string Basic(const Credential& credential) {
  return "Basic " + Base64Encode(credential.user + ":" + credential.secret);
}

// A token is put into a header.
bool IsToken(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::string> TokenOf(const HttpResponse& response, const std::string& realm) {
  if (response.status != 200) {
    return Error{"\"" + realm + "\" gives no token: it answers " + std::to_string(response.status),
                 response.status == 401 || response.status == 403
                     ? "the credentials are not taken there: log in again"
                     : ""};
  }
  const auto document = JsonDocument::Parse(response.body, {.max_bytes = kMaxTokenBytes});
  if (document.ok()) {
    for (const std::string_view name : {"token", "access_token"}) {
      const std::string token(document.value().root().Find(name).text());
      if (IsToken(token)) return "Bearer " + token;
    }
  }
  return Error{"\"" + realm + "\" answers without a token", ""};
}

}  // namespace

RegistrySession::RegistrySession(HttpClient& http, const Credentials& credentials,
                                 const ImageReference& image)
    : http_(http),
      credentials_(credentials),
      host_(image.host()),
      base_(http.SchemeFor(image.Endpoint()) + image.Endpoint()) {}

Result<HttpResponse> RegistrySession::Reach(const HttpRequest& request, size_t max_body) {
  if (unreachable_) return *unreachable_;
  Result<HttpResponse> response = http_.Send(request, max_body);
  if (!response.ok() && http_.unreachable()) unreachable_ = response.error();
  return response;
}

Result<std::string> RegistrySession::FetchToken(const Challenge& challenge,
                                                const std::string& scope,
                                                const std::optional<Credential>& credential) {
  const std::string realm = challenge.Value("realm");
  std::string query =
      "service=" + PercentEncode(challenge.Value("service")) + "&scope=" + PercentEncode(scope);
  HttpRequest request;
  if (credential && !credential->identity_token.empty()) {
    request.method = "POST";
    request.url = realm;
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = "grant_type=refresh_token&client_id=runwardctl&" + query +
                   "&refresh_token=" + PercentEncode(credential->identity_token);
  } else {
    request.url = realm + (realm.find('?') == std::string::npos ? "?" : "&") + query;
    if (credential) request.authorization = Basic(*credential);
  }
  return TokenOf(TRY(Reach(request, kMaxTokenBytes)), realm);
}

Result<std::string> RegistrySession::Authorize(const Challenge& challenge,
                                               const std::string& scope) {
  const std::optional<Credential> credential = TRY(credentials_.For(host_));
  if (challenge.scheme == "bearer") return FetchToken(challenge, scope, credential);
  if (challenge.scheme != "basic") {
    return Error{"registry \"" + host_ + "\" wants credentials by \"" + challenge.scheme +
                     "\", which runwardctl does not speak",
                 ""};
  }
  if (credential && !credential->user.empty()) return Basic(*credential);
  return Error{"registry \"" + host_ + "\" wants credentials, and none are known for it",
               "docker login " + host_ + ", or name a file that has them with --auth-file"};
}

Result<HttpResponse> RegistrySession::Send(HttpRequest request, const std::string& path,
                                           const std::string& scope, size_t max_body) {
  request.url = path.starts_with('/') ? base_ + path : path;
  if (const auto known = authorizations_.find(scope); known != authorizations_.end()) {
    request.authorization = known->second;
  }
  HttpResponse response = TRY(Reach(request, max_body));
  if (response.status != 401) return response;
  const std::optional<Challenge> challenge = ParseChallenge(response.Header("www-authenticate"));
  if (!challenge) {
    return Error{"registry \"" + host_ + "\" refuses, and does not say what credentials it wants",
                 ""};
  }
  authorizations_[scope] = TRY(Authorize(*challenge, scope));  // also when a token has expired
  request.authorization = authorizations_[scope];
  response = TRY(Reach(request, max_body));
  if (response.status != 401) return response;
  return Error{"registry \"" + host_ + "\" does not take the credentials for \"" + scope + "\"",
               "docker login " + host_ + ", with an account that may do this"};
}

}  // namespace runward
