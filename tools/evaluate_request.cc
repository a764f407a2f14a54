#include "tools/evaluate_request.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "base/encoding.h"
#include "base/file.h"
#include "oci/load.h"
#include "oci/policy_file.h"
#include "scan/fields.h"
#include "tools/verdict_image.h"
#include "tools/verdict_options.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxExploitedBytes = size_t{16} << 20;
constexpr size_t kMaxJobs = 256;

Result<Policy> ReadPolicy(const Paths& paths, const Options& options) {
  if (!options.Has("--policy")) return LoadPolicy(paths);
  // Whoever evaluates vouches for the policy that he names; a start takes only root's.
  const std::string file = options.Last("--policy", "");
  std::string text = TRY(ReadPolicyFile(paths, file, Trust::kAnyone));
  KeyFiles keys = KeyFilesBeside(file, Trust::kAnyone);
  return ParsePolicy(std::move(text), file, keys);
}

std::optional<Digest> PinnedBy(const std::string& name) {
  const size_t at = name.rfind('@');
  return at == std::string::npos ? std::nullopt : Digest::Parse(name.substr(at + 1));
}

Result<void> TakeLocal(const Options& options, EvaluateRequest& request) {
  KnownImage& image = request.image;
  const std::string given = options.Last("--image", "");
  const auto pinned = PinnedBy(given);
  const auto wanted = image.manifests.empty() ? pinned : std::optional(image.manifests.front());
  const auto found = TRY(LookUpLocalImage(given, StoresOf(options), wanted));
  if (image.name.empty()) image.name = found && !found->name.empty() ? found->name : given;
  if (!found) {
    if (pinned) image.manifests.push_back(*pinned);
    request.image_notes.push_back("no image \"" + given +
                                  "\" on this machine: the report's own digests are signed");
    return {};
  }
  if (found->config) image.configs.push_back(*found->config);
  if (found->manifest) image.manifests.push_back(*found->manifest);
  if (!image.diff_ids.empty() && image.diff_ids != found->diff_ids) {
    return Error{"--diff-id names other layers than image \"" + given + "\" has", ""};
  }
  image.diff_ids = found->diff_ids;
  return {};
}

Result<void> ReadImage(const Options& options, EvaluateRequest& request) {
  KnownImage& image = request.image;
  image.manifests = TRY(DigestsOf(options, "--manifest"));
  image.configs = TRY(DigestsOf(options, "--config"));
  image.chains = TRY(DigestsOf(options, "--chain"));
  image.diff_ids = TRY(DigestsOf(options, "--diff-id"));
  image.name = options.Last("--name", "");
  if (options.Has("--image")) TRY(TakeLocal(options, request));
  if (!image.name.empty()) TRY(CheckImageName(image.name));
  return {};
}

Result<void> AddExceptions(const std::string& file, std::string_view kind,
                           EvaluateRequest& request) {
  const std::string text = TRY(ReadFileCapped(file, kMaxExceptionBytes, Trust::kAnyone));
  for (Exception& exception : TRY(ReadExceptions(text, file))) {
    const bool vex = exception.origin == Exception::Origin::kVex;
    if (vex != (kind == "vex")) {
      return Error{"\"" + file + "\" is " + (vex ? "a VEX document" : "an ignore file"),
                   vex ? "give it with --vex" : "give it with --ignore"};
    }
    request.exceptions.push_back(std::move(exception));
  }
  request.terms.inputs.push_back(
      {std::string(kind) + ":" + file.substr(file.rfind('/') + 1), Sha256Hex(text)});
  return {};
}

Result<void> ReadClaims(const Options& options, ScanClaims& claims) {
  for (const std::string& list : options.All("--scanned")) {
    for (size_t at = 0; at <= list.size();) {
      const size_t end = std::min(list.find(',', at), list.size());
      const auto one = ParseScanClass(list.substr(at, end - at));
      if (!one) {
        return Error{"--scanned \"" + list + "\" names no class of scans",
                     "vuln, secret, misconfig, license; several with commas"};
      }
      claims.classes.push_back(*one);
      at = end + 1;
    }
  }
  if (options.Has("--database-time")) {
    claims.database = ParseTime(options.Last("--database-time", ""));
    if (!claims.database) {
      return Error{"--database-time must be an RFC 3339 time", "such as 2026-11-22T10:00:00Z"};
    }
  }
  if (!options.Has("--exploited")) return {};
  const std::string file = options.Last("--exploited", "");
  const std::string text = TRY(ReadFileCapped(file, kMaxExploitedBytes, Trust::kAnyone));
  claims.exploited = TRY(ReadExploited(text, file));
  return {};
}

Result<void> ReadSigning(const Options& options, EvaluateRequest& request) {
  request.key_file = options.Last("--sign", "");
  request.out = options.Last("--out", "");
  request.add = options.Has("--add");
  request.terms.verifier = options.Last("--verifier", std::string(kVerifier));
  const bool keep = request.add || !request.out.empty();
  if (options.Has("--sign") != keep) {
    return Error{"a verdict is signed with --sign KEY, and kept with --out FILE or --add",
                 "runwardctl verdict keygen makes a key"};
  }
  if (!options.Has("--expires")) return {};
  request.terms.expires_at = TRY(ParseExpiry(options.Last("--expires", ""), request.now));
  if (*request.terms.expires_at > request.now) return {};
  return Error{"--expires lies before the verdict's own time", ""};
}

Result<size_t> ReadJobs(const Options& options) {
  const std::string text = options.Last("--jobs", "");
  if (text.empty()) return std::max<size_t>(1, std::thread::hardware_concurrency());
  size_t jobs = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), jobs);
  const bool good = status == std::errc{} && end == text.data() + text.size();
  if (!good || jobs < 1 || jobs > kMaxJobs) {
    return Error{"--jobs must be a number from 1 to " + std::to_string(kMaxJobs), ""};
  }
  return jobs;
}

Result<std::vector<std::string>> FilesIn(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(directory, problem)) {
    const std::string name = entry.path().filename();
    if (entry.is_regular_file(problem) && !name.starts_with(".")) files.push_back(entry.path());
  }
  if (problem) return Error{"read \"" + directory + "\": " + problem.message(), ""};
  if (files.empty()) return Error{"\"" + directory + "\" holds no report", ""};
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<std::vector<std::string>> ReportFiles(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    std::error_code ignored;
    if (!fs::is_directory(word, ignored)) {
      files.push_back(word);
      continue;
    }
    for (std::string& file : TRY(FilesIn(word))) files.push_back(std::move(file));
  }
  if (!files.empty()) return files;
  return Error{"evaluate takes reports: files, directories of them, or - for the standard input",
               "trivy image --format json IMAGE | runwardctl verdict evaluate -"};
}

std::vector<std::string> IdsOfLines(const std::string& text) {
  std::vector<std::string> ids;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    ids.push_back(text.substr(at, end - at));
    if (ids.back().ends_with('\r')) ids.back().pop_back();
    if (ids.back().empty() || ids.back().starts_with("#")) ids.pop_back();
    at = end + 1;
  }
  return ids;
}

Result<std::vector<std::string>> ReadExploited(const std::string& text, const std::string& file) {
  std::vector<std::string> ids;
  if (text.starts_with("{")) {
    const Result<JsonDocument> document =
        JsonDocument::Parse(text, {.max_bytes = kMaxExploitedBytes});
    if (!document.ok()) return Error{"\"" + file + "\": " + document.error().message, ""};
    for (const JsonValue entry : document.value().root().Find("vulnerabilities")) {
      ids.emplace_back(entry.Find("cveID").text());
    }
  } else {
    ids = IdsOfLines(text);
  }
  const auto bad = std::ranges::find_if(ids, [](const std::string& id) {
    return !id.starts_with("CVE-") && !id.starts_with("GHSA-");
  });
  if (ids.empty() || bad != ids.end()) {
    return Error{"\"" + file + "\" is no list of known exploited vulnerabilities",
                 "CISA's catalogue as JSON, or a CVE-… id a line"};
  }
  std::ranges::sort(ids);
  return ids;
}

Result<EvaluateRequest> ReadEvaluateRequest(const Paths& paths, const Options& options) {
  EvaluateRequest request;
  request.now = Now();
  request.files = TRY(ReportFiles(options.words()));
  const std::string format = options.Last("--format", "text");
  request.format = FindFormat(format);
  if (request.format == nullptr) {
    return Error{"--format \"" + format + "\" is none of " + FormatNames(), ""};
  }
  TRY(ReadSigning(options, request));
  TRY(ReadClaims(options, request.terms.claims));
  TRY(ReadImage(options, request));
  request.jobs = TRY(ReadJobs(options));
  request.verify = options.Has("--verify");
  if (request.files.size() > 1 &&
      (options.Has("--image") || options.Has("--name") || options.Has("--config") ||
       options.Has("--manifest") || options.Has("--chain") || options.Has("--diff-id"))) {
    return Error{
        "an image is named for one report, and these are " + std::to_string(request.files.size()),
        "without it each report says which image it is about"};
  }
  request.policy = TRY(ReadPolicy(paths, options));
  for (const std::string& file : options.All("--vex")) TRY(AddExceptions(file, "vex", request));
  for (const std::string& file : options.All("--ignore")) {
    TRY(AddExceptions(file, "ignore", request));
  }
  return request;
}

}  // namespace runward
