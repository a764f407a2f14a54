#include "registry/credentials.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr std::string_view kDockerServer = "https://index.docker.io/v1/";
constexpr std::string_view kTokenUser = "<token>";  // docker/docker-credential-helpers

// Keys are hosts, or URLs of old: "https://index.docker.io/v1/" is docker.io's.
std::string HostOfKey(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  key = key.substr(0, key.find('/'));
  if (key == "index.docker.io" || key == "registry-1.docker.io") return "docker.io";
  return std::string(key);
}

// The name becomes a program's: docker-credential-NAME.
bool IsHelperName(std::string_view name) {
  constexpr std::string_view kGood = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.find_first_not_of(kGood) == std::string_view::npos;
}

Result<std::string> HelperName(const JsonValue& value, const std::string& file) {
  const std::string_view name = value.IsString() ? value.text() : "";
  if (IsHelperName(name)) return std::string(name);
  return Error{"\"" + file + "\" (" + value.Where() + "): \"" + std::string(name) +
                   "\" is not a credential helper's name",
               ""};
}

// "auth" is the base64 of "user:secret", and may be replaced by its parts.
Result<Credential> ParseAuth(const JsonValue& value, const std::string& file) {
  Credential credential{.user = std::string(value.Find("username").text()),
                        .secret = std::string(value.Find("password").text()),
                        .identity_token = std::string(value.Find("identitytoken").text())};
  const JsonValue auth = value.Find("auth");
  if (auth.text().empty()) return credential;
  const std::optional<std::string> pair = Base64Decode(auth.text());
  const size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return Error{
        "\"" + file + "\" (" + auth.Where() + "): \"auth\" is not the base64 of user:secret",
        "log in again: docker login " + std::string(value.key())};
  }
  credential.user = pair->substr(0, colon);
  credential.secret = pair->substr(colon + 1);
  credential.secret.erase(std::min(credential.secret.find('\0'), credential.secret.size()));
  return credential;
}

}  // namespace

Result<Credentials> Credentials::Parse(const std::string& text, const std::string& file,
                                       CredentialHelper helper) {
  auto document = JsonDocument::Parse(text, {.max_bytes = kMaxBytes});
  if (!document.ok()) return Error{"\"" + file + "\": " + document.error().message, ""};
  const JsonValue root = document.value().root();
  if (!root.IsObject()) return Error{"\"" + file + "\" is not a JSON object", ""};
  Credentials credentials;
  credentials.helper_ = std::move(helper);
  for (const JsonValue entry : root.Find("auths")) {
    const Credential credential = TRY(ParseAuth(entry, file));
    const bool empty = credential.user.empty() && credential.identity_token.empty();
    if (!empty) credentials.auths_.emplace(HostOfKey(entry.key()), credential);
  }
  for (const JsonValue entry : root.Find("credHelpers")) {
    credentials.helpers_.emplace(HostOfKey(entry.key()), TRY(HelperName(entry, file)));
  }
  if (const JsonValue store = root.Find("credsStore"); store && !store.text().empty()) {
    credentials.store_ = TRY(HelperName(store, file));
  }
  return credentials;
}

Result<std::optional<Credential>> Credentials::For(const std::string& host) const {
  const auto named = helpers_.find(host);
  const std::string& helper = named != helpers_.end() ? named->second : store_;
  if (!helper.empty() && helper_) {
    const std::string server = host == "docker.io" ? std::string(kDockerServer) : host;
    const std::optional<std::string> output = TRY(helper_(helper, server));
    if (output) return std::optional(TRY(ParseHelperOutput(*output, helper)));
  }
  const auto found = auths_.find(host);
  if (found == auths_.end()) return std::optional<Credential>();
  return std::optional(found->second);
}

Result<Credential> ParseHelperOutput(const std::string& text, const std::string& helper) {
  const Error bad{"docker-credential-" + helper + " answers with no credentials",
                  "ask it by hand: echo SERVER | docker-credential-" + helper + " get"};
  // What it says is a secret: no message shows a part of it.
  auto document = JsonDocument::Parse(text, {.max_bytes = Credentials::kMaxBytes});
  if (!document.ok()) return bad;
  const std::string user(document.value().root().Find("Username").text());
  const std::string secret(document.value().root().Find("Secret").text());
  if (user.empty() || secret.empty()) return bad;
  if (user == kTokenUser) return Credential{.user = "", .secret = "", .identity_token = secret};
  return Credential{.user = user, .secret = secret, .identity_token = ""};
}

}  // namespace runward
