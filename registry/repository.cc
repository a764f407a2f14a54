#include "registry/repository.h"

#include <utility>

#include "base/encoding.h"
#include "base/event_text.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr const char* kAcceptManifests =
    "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr const char* kAcceptIndex = "Accept: application/vnd.oci.image.index.v1+json";
constexpr size_t kMaxAnswer = size_t{64} << 10;  // of what is only looked at for its status

// What the registry says went wrong (distribution-spec, "Error codes"); its text, made harmless.
std::string Detail(const std::string& body) {
  constexpr size_t kMost = 200;
  const auto document = JsonDocument::Parse(body);
  if (!document.ok()) return "";
  for (const JsonValue error : document.value().root().Find("errors")) {
    std::string text =
        std::string(error.Find("code").text()) + ": " + std::string(error.Find("message").text());
    return " (" + Printable(text.substr(0, kMost)) + ")";
  }
  return "";
}

// The path in `Link: </v2/...>; rel="next"` (distribution-spec, "Listing Referrers"), or "".
std::string NextPage(const std::string& link) {
  const size_t end = link.find('>');
  const bool next = link.starts_with("</v2/") && end != std::string::npos &&
                    link.find("rel=\"next\"", end) != std::string::npos;
  return next ? link.substr(1, end - 1) : "";
}

bool IsDigest(const std::string& reference) { return reference.starts_with("sha256:"); }

}  // namespace

Digest DigestOf(std::string_view bytes) { return Digest::FromHex(Sha256Hex(bytes)).value(); }

Repository::Repository(RegistrySession& session, std::string name, bool push)
    : session_(session),
      name_(std::move(name)),
      scope_("repository:" + name_ + (push ? ":pull,push" : ":pull")) {}

Result<HttpResponse> Repository::Send(HttpRequest request, const std::string& path,
                                      size_t max_body) {
  return session_.Send(std::move(request), path, scope_, max_body);
}

Error Repository::Unexpected(std::string_view what, const HttpResponse& response) const {
  const bool denied = response.status == 403;
  return Error{"registry \"" + session_.host() + "\", repository \"" + name_ +
                   "\": " + std::string(what) + ": it answers " + std::to_string(response.status) +
                   Detail(response.body),
               denied ? "the account may not do this" : ""};
}

Result<std::optional<Repository::Manifest>> Repository::GetManifest(const std::string& reference) {
  const HttpRequest request{.headers = {kAcceptManifests}};
  const std::string what = "get manifest " + reference;
  HttpResponse response =
      TRY(Send(request, "/v2/" + name_ + "/manifests/" + reference, kMaxManifestBytes));
  if (response.status == 404) return std::optional<Manifest>();
  if (response.status != 200) return Unexpected(what, response);
  const Digest digest = DigestOf(response.body);
  Manifest manifest{.text = std::move(response.body),
                    .media_type = response.Header("content-type"),
                    .digest = digest};
  const std::string said =
      IsDigest(reference) ? reference : response.Header("docker-content-digest");
  if (said.empty() || said == manifest.digest.text()) return std::optional(std::move(manifest));
  return Error{"registry \"" + session_.host() + "\", repository \"" + name_ + "\": " + what +
                   ": what it gives has the digest " + manifest.digest.text() + ", not " +
                   Printable(said),
               "the registry, or something before it, is damaged or not honest"};
}

Result<bool> Repository::PutManifest(const std::string& reference, std::string_view media_type,
                                     const std::string& text) {
  const HttpRequest request{
      .method = "PUT", .headers = {"Content-Type: " + std::string(media_type)}, .body = text};
  const HttpResponse response =
      TRY(Send(request, "/v2/" + name_ + "/manifests/" + reference, kMaxAnswer));
  if (response.status == 201) return !response.Header("oci-subject").empty();
  return Unexpected("put manifest " + reference, response);
}

Result<std::string> Repository::GetBlob(const Digest& digest, int64_t size, size_t max) {
  const std::string what = "get blob " + digest.text();
  if (size < 0 || static_cast<size_t>(size) > max) {
    return Error{"registry \"" + session_.host() + "\", repository \"" + name_ + "\": " + what +
                     ": it is said to have " + std::to_string(size) + " bytes, more than the " +
                     std::to_string(max) + " that are read",
                 ""};
  }
  HttpResponse response = TRY(Send({}, "/v2/" + name_ + "/blobs/" + digest.text(), max));
  if (response.status != 200) return Unexpected(what, response);
  if (DigestOf(response.body) == digest) return std::move(response.body);
  return Error{"registry \"" + session_.host() + "\", repository \"" + name_ + "\": " + what +
                   ": what it gives has another digest",
               "the registry, or something before it, is damaged or not honest"};
}

Result<std::string> Repository::UploadUrl(const HttpResponse& response) const {
  const std::string location = response.Header("location");
  if (location.starts_with('/') && !location.starts_with("//")) return location;
  const std::string_view host = HostOf(location);
  const bool same = host == session_.host() || host == "registry-1." + session_.host();
  if (same) return location;
  return Error{"registry \"" + session_.host() + "\" sends an upload to \"" + Printable(location) +
                   "\", which is not its own",
               ""};
}

Result<Digest> Repository::PutBlob(const std::string& bytes) {
  const Digest digest = DigestOf(bytes);
  const std::string blobs = "/v2/" + name_ + "/blobs/";
  const HttpResponse there = TRY(Send({.method = "HEAD"}, blobs + digest.text(), kMaxAnswer));
  if (there.status == 200) return digest;
  const HttpResponse begun = TRY(Send({.method = "POST"}, blobs + "uploads/", kMaxAnswer));
  if (begun.status != 202) return Unexpected("begin an upload", begun);
  std::string url = TRY(UploadUrl(begun));
  url += (url.find('?') == std::string::npos ? "?digest=" : "&digest=") + digest.text();
  const HttpResponse done = TRY(
      Send({.method = "PUT", .headers = {"Content-Type: application/octet-stream"}, .body = bytes},
           url, kMaxAnswer));
  if (done.status == 201) return digest;
  return Unexpected("upload blob " + digest.text(), done);
}

Result<std::optional<std::string>> Repository::GetReferrersPage(const std::string& path,
                                                                std::string& next) {
  HttpResponse response = TRY(Send({.headers = {kAcceptIndex}}, path, kMaxManifestBytes));
  // A registry that does not know the API answers 404; some answer with a page for people.
  const bool index = response.Header("content-type").starts_with("application/vnd.oci.image.index");
  if (response.status == 404 || response.status == 405 || (response.status == 200 && !index)) {
    return std::optional<std::string>();
  }
  if (response.status != 200) return Unexpected("list referrers", response);
  next = NextPage(response.Header("link"));
  return std::optional(std::move(response.body));
}

Result<std::optional<std::vector<std::string>>> Repository::GetReferrers(const Digest& subject) {
  std::string next = "/v2/" + name_ + "/referrers/" + subject.text();
  std::vector<std::string> pages;
  while (!next.empty()) {
    if (pages.size() == kMaxPages) {
      return Error{"registry \"" + session_.host() + "\", repository \"" + name_ +
                       "\": more than " + std::to_string(kMaxPages) + " pages refer to " +
                       subject.text(),
                   "remove what is not needed from the repository"};
    }
    const std::string path = std::exchange(next, "");
    std::optional<std::string> page = TRY(GetReferrersPage(path, next));
    if (!page && pages.empty()) return std::optional<std::vector<std::string>>();
    if (!page) break;
    pages.push_back(*std::move(page));
  }
  return std::optional(std::move(pages));
}

}  // namespace runward
