#include "registry/http.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/fd.h"
#include "registry/curl_library.h"

namespace runward {
namespace {

constexpr int64_t kConnectMs = 10'000;

// What libcurl's callbacks fill.
struct Answer {
  HttpResponse response;
  size_t max_body = 0;
  size_t header_bytes = 0;
  bool too_big = false;
};

size_t TakeBody(const char* data, size_t size, size_t count, void* user) {
  auto& answer = *static_cast<Answer*>(user);
  const size_t bytes = size * count;
  answer.too_big |=
      bytes > answer.max_body - std::min(answer.max_body, answer.response.body.size());
  if (answer.too_big) return 0;
  answer.response.body.append(data, bytes);
  return bytes;
}

std::string Trimmed(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return "";
  return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from));
}

size_t TakeHeader(const char* data, size_t size, size_t count, void* user) {
  auto& answer = *static_cast<Answer*>(user);
  const std::string_view line(data, size * count);
  answer.header_bytes += line.size();
  answer.too_big |= answer.header_bytes > HttpClient::kMaxHeaderBytes;
  if (answer.too_big) return 0;
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    // "100 Continue" and a proxy's answer come before the one that counts.
    if (line.starts_with("HTTP/")) answer.response.headers.clear();
    return line.size();
  }
  std::string name = Trimmed(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  answer.response.headers.emplace_back(std::move(name), Trimmed(line.substr(colon + 1)));
  return line.size();
}

std::string Seconds(int64_t ms) {
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

std::string Hint(CURLcode code, std::string_view host) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its certificate must be signed by one of the system's authorities, or by the one of "
             "--ca FILE";
    case CURLE_SSL_CONNECT_ERROR:
      return "a registry without TLS is spoken to only with --plain-http " + std::string(host);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return "is the registry's name right, and is it running?";
    default:
      return "";
  }
}

// Why there was no answer.
Error Failure(const CurlLibrary& curl, CURLcode code, const char* detail, const Answer& answer,
              const HttpRequest& request, int64_t timeout_ms) {
  const std::string what = request.method + " \"" + request.url + "\": ";
  if (answer.too_big) {
    return Error{what + "the answer is longer than the " + std::to_string(answer.max_body) +
                     " bytes that are read",
                 "what is asked for here is small: this is not what it says it is"};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Error{what + "no whole answer within " + Seconds(timeout_ms),
                 "try again later, or give it longer with --timeout"};
  }
  const std::string reason = *detail != '\0' ? detail : curl.easy_strerror(code);
  return Error{what + reason, Hint(code, HostOf(request.url))};
}

class Headers {
 public:
  explicit Headers(const CurlLibrary& curl) : curl_(curl) {}
  ~Headers() { curl_.slist_free_all(list_); }
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  void Add(const std::string& line) {
    curl_slist* more = curl_.slist_append(list_, line.c_str());
    if (more != nullptr) list_ = more;
  }
  [[nodiscard]] curl_slist* list() const { return list_; }

 private:
  const CurlLibrary& curl_;
  curl_slist* list_ = nullptr;
};

// What goes out; in is set by the caller.
void SetRequest(const CurlLibrary& curl, CURL* handle, const HttpRequest& request) {
  curl.easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  if (request.method == "HEAD") {
    curl.easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET") {
    curl.easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    curl.easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl.easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

// Control characters in a URL or a header would begin a header of their own.
bool IsOneLine(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

std::string HttpResponse::Header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? "" : found->second;
}

std::string_view HostOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  std::string_view host = url.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  return host.find('@') == std::string_view::npos ? host : std::string_view();
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/:";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || kPlain.find(c) != std::string_view::npos)) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::string HttpClient::SchemeFor(std::string_view host) const {
  return std::ranges::find(options_.plain_hosts, host) == options_.plain_hosts.end() ? "https://"
                                                                                     : "http://";
}

Result<void> HttpClient::CheckUrl(const std::string& url) const {
  const std::string_view host = HostOf(url);
  if (host.empty() || !IsOneLine(url)) return Error{"\"" + url + "\" is not a URL to go to", ""};
  if (url.starts_with("https://")) return {};
  if (url.starts_with("http://") && SchemeFor(host) == "http://") return {};
  return Error{"refusing to go to \"" + url + "\" without TLS",
               "if it is to be trusted like that: --plain-http " + std::string(host)};
}

Result<HttpResponse> HttpClient::SendOnce(const HttpRequest& request, size_t max_body,
                                          std::string& next) {
  unreachable_ = false;
  TRY(CheckUrl(request.url));
  const CurlLibrary& curl = *TRY(CurlLibrary::Get());
  CURL* const handle = curl.easy_init();
  if (handle == nullptr) return Error{"libcurl gives no handle", ""};
  const std::unique_ptr<CURL, decltype(curl.easy_cleanup)> owner(handle, curl.easy_cleanup);
  Headers headers(curl);
  for (const std::string& header : request.headers) {
    if (!IsOneLine(header)) return Error{"a header of the request is not one line", ""};
    headers.Add(header);
  }
  if (!IsOneLine(request.authorization)) return Error{"credentials that are not one line", ""};
  if (!request.authorization.empty()) headers.Add("Authorization: " + request.authorization);
  headers.Add("Expect:");
  Answer answer{.max_body = max_body};
  std::array<char, CURL_ERROR_SIZE> detail{};
  SetRequest(curl, handle, request);
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers.list());
  curl.easy_setopt(handle, CURLOPT_USERAGENT, "runwardctl/" RUNWARD_VERSION);
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR,
                   request.url.starts_with("https:") ? "https" : "http");
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_ms));
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(options_.timeout_ms, kConnectMs)));
  curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, detail.data());
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, &TakeBody);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, &TakeHeader);
  curl.easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
  if (!options_.ca_file.empty()) {
    curl.easy_setopt(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
  }
  const CURLcode code = curl.easy_perform(handle);
  if (code != CURLE_OK) {
    unreachable_ = !answer.too_big;
    return Failure(curl, code, detail.data(), answer, request, options_.timeout_ms);
  }
  long status = 0;
  const char* location = nullptr;
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl.easy_getinfo(handle, CURLINFO_REDIRECT_URL, &location);
  answer.response.status = static_cast<int>(status);
  next = location == nullptr ? "" : location;
  return std::move(answer.response);
}

Result<HttpResponse> HttpClient::Send(HttpRequest request, size_t max_body) {
  const std::string first = request.url;
  for (int hop = 0; hop <= kMaxRedirects; ++hop) {
    std::string next;
    HttpResponse response = TRY(SendOnce(request, max_body, next));
    const bool follows = request.method == "GET" || request.method == "HEAD";
    if (next.empty() || !follows) return response;
    if (HostOf(next) != HostOf(request.url)) request.authorization.clear();
    request.url = std::move(next);
  }
  return Error{"\"" + first + "\" redirects more than " + std::to_string(kMaxRedirects) + " times",
               "is the registry set up in a circle?"};
}

}  // namespace runward
