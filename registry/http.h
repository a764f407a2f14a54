#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace runward {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Accept: application/json"
  std::string authorization;         // the header's value; it follows no redirect to another host
  std::string body;                  // of POST and PUT
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The first of that name (in lower case); "" when there is none.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

struct HttpOptions {
  std::vector<std::string> plain_hosts;  // "host" or "host:port" to be spoken to without TLS
  std::string ca_file;                   // instead of the system's authorities; may be empty
  int64_t timeout_ms = 30'000;           // for one whole request
};

// HTTP(S) by libcurl for one small answer at a time. TLS with the peer's certificate and name
// checked, unless the host is one of `plain_hosts`; the same holds for what a redirect names. At
// most kMaxRedirects redirects, for GET and HEAD only. Bounded in time, header bytes and body
// bytes: what goes beyond is an Error, never a short answer. A proxy that the environment names
// (https_proxy) is used, as by other clients.
class HttpClient {
 public:
  static constexpr int kMaxRedirects = 5;
  static constexpr size_t kMaxHeaderBytes = size_t{64} << 10;

  explicit HttpClient(HttpOptions options) : options_(std::move(options)) {}

  // An Error when there is no whole answer; a status such as 404 is none.
  Result<HttpResponse> Send(HttpRequest request, size_t max_body);

  // Whether the last Error was that nobody answered (no name, no connection, no TLS, no time left),
  // and not what the answer was.
  [[nodiscard]] bool unreachable() const { return unreachable_; }

  // "https://" or "http://".
  [[nodiscard]] std::string SchemeFor(std::string_view host) const;

 private:
  Result<void> CheckUrl(const std::string& url) const;
  // `next` is where a redirect leads, or "".
  Result<HttpResponse> SendOnce(const HttpRequest& request, size_t max_body, std::string& next);

  HttpOptions options_;
  bool unreachable_ = false;
};

// "host:port" of an absolute URL, "" when it has none.
std::string_view HostOf(std::string_view url);

// All but letters, digits and "-._~/:" as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace runward
