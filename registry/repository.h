#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/names.h"
#include "registry/session.h"

namespace runward {

// The SHA-256 of the bytes, as a digest.
Digest DigestOf(std::string_view bytes);

// A repository of a registry, as the OCI distribution specification speaks of it. What comes by
// digest has that digest, or it is an Error; what comes by tag has the digest that the registry
// says. Sizes are bounded.
class Repository {
 public:
  static constexpr size_t kMaxManifestBytes = size_t{4} << 20;  // distribution-spec: at least 4 MiB

  struct Manifest {
    std::string text;
    std::string media_type;
    Digest digest;
  };

  // `name` as in ImageReference. `push`: what a token is asked for.
  Repository(RegistrySession& session, std::string name, bool push);

  // By tag or digest; nullopt when the registry has none of that name.
  Result<std::optional<Manifest>> GetManifest(const std::string& reference);
  // Whether the registry itself notes whose subject it has (it answers with OCI-Subject).
  Result<bool> PutManifest(const std::string& reference, std::string_view media_type,
                           const std::string& text);
  // `size` is what a manifest says of it; `max` what is read at most.
  Result<std::string> GetBlob(const Digest& digest, int64_t size, size_t max);
  // Nothing is sent when the registry has it.
  Result<Digest> PutBlob(const std::string& bytes);
  // The indexes (one a page, at most kMaxPages) of what refers to `subject`: from the referrers
  // API, or nullopt where the registry does not offer it.
  static constexpr int kMaxPages = 16;
  Result<std::optional<std::vector<std::string>>> GetReferrers(const Digest& subject);

 private:
  Result<HttpResponse> Send(HttpRequest request, const std::string& path, size_t max_body);
  [[nodiscard]] Error Unexpected(std::string_view what, const HttpResponse& response) const;
  // nullopt where the registry does not know the API. `next` is the path of the page after it.
  Result<std::optional<std::string>> GetReferrersPage(const std::string& path, std::string& next);
  // Where an upload goes on: the answer's Location, if it is at the same registry.
  Result<std::string> UploadUrl(const HttpResponse& response) const;

  RegistrySession& session_;
  std::string name_;
  std::string scope_;
};

}  // namespace runward
