#include "tools/evaluate_request.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "oci/load.h"
#include "oci/policy_file.h"
#include "tools/parallel.h"
#include "tools/reported_image.h"
#include "tools/verdict_image.h"
#include "tools/verdict_options.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxJobs = 256;

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
  if (!found) {
    request.unseen = given;
    if (image.name.empty() && !IsImageId(given)) image.name = given;
    if (pinned) image.manifests.push_back(*pinned);
    request.image_notes.push_back("no image \"" + given +
                                  "\" on this machine: the report's own digests are signed");
    return {};
  }
  if (image.name.empty()) image.name = found->name.empty() ? given : found->name;
  if (found->config) image.configs.push_back(*found->config);
  if (found->manifest) image.manifests.push_back(*found->manifest);
  if (!image.diff_ids.empty() && image.diff_ids != found->diff_ids) {
    return Error{"--diff-id names other layers than image \"" + given + "\" has", ""};
  }
  image.diff_ids = found->diff_ids;
  return {};
}

// An image has one of each: a report on one image would be a verdict for the others too.
Result<void> CheckOne(const std::string& flag, const std::vector<Digest>& digests) {
  const auto other = [&](const Digest& one) { return one != digests.front(); };
  if (std::ranges::none_of(digests, other)) return {};
  return Error{flag + " is given " + std::to_string(digests.size()) +
                   " times with different digests, and an image has one",
               "evaluate each image's report by itself"};
}

Result<void> ReadImage(const Options& options, EvaluateRequest& request) {
  KnownImage& image = request.image;
  image.manifests = TRY(DigestsOf(options, "--manifest"));
  image.configs = TRY(DigestsOf(options, "--config"));
  image.chains = TRY(DigestsOf(options, "--chain"));
  TRY(CheckOne("--config", image.configs));
  TRY(CheckOne("--chain", image.chains));
  image.diff_ids = TRY(DigestsOf(options, "--diff-id"));
  image.name = options.Last("--name", "");
  if (options.Has("--image")) TRY(TakeLocal(options, request));
  if (!image.name.empty()) TRY(CheckImageName(image.name));
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
  return {};
}

// An unset variable of a pipeline's must neither leave a verdict unsigned nor a report unbound.
Result<void> RequireValues(const Options& options) {
  for (const char* flag : {"--image", "--name", "--out", "--sign"}) {
    const std::vector<std::string> values = options.All(flag);
    if (std::ranges::find(values, "") == values.end()) continue;
    return Error{std::string(flag) + " is given without a value",
                 "a variable that should hold it may not be set"};
  }
  return {};
}

// "text", "sarif=FILE". Text is for who watches, unless something else is.
Result<void> ReadFormats(const Options& options, EvaluateRequest& request) {
  request.format = EvaluationText;
  for (const std::string& given : options.All("--format")) {
    const size_t equals = given.find('=');
    const std::string name = given.substr(0, equals);
    const EvaluationFormat format = FindFormat(name);
    if (format != nullptr && equals + 1 == given.size()) {
      return Error{"--format \"" + given + "\" names no file",
                   name + "=FILE for a file, or the name alone for the standard output"};
    }
    if (format == nullptr) {
      return Error{"--format \"" + given + "\" is none of " + FormatNames(),
                   "one of them for the standard output, sarif=FILE for a file"};
    }
    if (equals == std::string::npos) {
      request.format = format;
    } else {
      const std::string file = given.substr(equals + 1);
      if (std::ranges::find(request.also, file, &EvaluationFile::file) != request.also.end()) {
        return Error{"two --format name the same file, \"" + file + "\"", ""};
      }
      request.also.push_back({name, format, file});
      if (request.also.back().file == options.Last("--out", "")) {
        return Error{"--format and --out name the same file", ""};
      }
    }
  }
  return {};
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

// The verdicts of several reports are files named after them.
Result<void> CheckNames(const EvaluateRequest& request) {
  if (request.out.empty() || request.files.size() < 2) return {};
  std::set<std::string> names;
  for (const std::string& file : request.files) {
    const std::string name = file.substr(file.rfind('/') + 1);
    if (names.insert(name).second) continue;
    return Error{"two of the reports are called \"" + name + "\", and in \"" + request.out +
                     "\" their verdicts would be one file",
                 "give them one by one, each with an --out of its own"};
  }
  return {};
}

Result<void> CheckReplaced(const Paths& paths, const Options& options,
                           const EvaluateRequest& request) {
  GivenFiles given;
  given.Add("the signing key", request.key_file);
  given.Add("the policy", options.Last("--policy", paths.policy));
  for (const std::string& file : request.files) given.Add("a report", file);
  for (const ScanInput& input : request.inputs) {
    given.Add("an input of --" + input.kind, input.file);
  }
  for (const EvaluationFile& one : request.also) TRY(given.Check("--format", one.file));
  if (request.out.empty()) return {};
  for (const std::string& file : request.files) {
    TRY(given.Check("--out", OutFileOf(request, file)));
  }
  return {};
}

}  // namespace

std::string OutFileOf(const EvaluateRequest& request, const std::string& report) {
  if (request.files.size() == 1) return request.out;
  return request.out + "/" + report.substr(report.rfind('/') + 1) + ".intoto.jsonl";
}

Result<Policy> ReadGivenPolicy(const Paths& paths, const Options& options) {
  if (!options.Has("--policy")) return LoadPolicy(paths);
  // Whoever evaluates vouches for the policy that he names; a start takes only root's.
  const std::string file = options.Last("--policy", "");
  std::string text = TRY(ReadPolicyFile(paths, file, Trust::kAnyone));
  KeyFiles keys = KeyFilesBeside(file, Trust::kAnyone);
  return ParsePolicy(std::move(text), file, keys);
}

Result<size_t> ReadJobs(const Options& options) {
  const std::string text = options.Last("--jobs", "");
  if (text.empty()) return DefaultJobs();
  size_t jobs = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), jobs);
  const bool good = status == std::errc{} && end == text.data() + text.size();
  if (!good || jobs < 1 || jobs > kMaxJobs) {
    return Error{"--jobs must be a number from 1 to " + std::to_string(kMaxJobs), ""};
  }
  return jobs;
}

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

Result<EvaluateRequest> ReadEvaluateRequest(const Paths& paths, const Options& options) {
  EvaluateRequest request;
  request.now = Now();
  request.files = TRY(ReportFiles(options.words()));
  TRY(ReadFormats(options, request));
  TRY(RequireValues(options));
  TRY(ReadSigning(options, request));
  TRY(CheckNames(request));
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
  request.policy = TRY(ReadGivenPolicy(paths, options));
  request.inputs = TRY(ReadScanInputs(options));
  TRY(CheckReplaced(paths, options, request));
  TRY(UseScanInputs(request.inputs, request.exceptions, request.terms.claims));
  for (const ScanInput& input : request.inputs) {
    request.terms.inputs.push_back(VerdictInputOf(input));
  }
  return request;
}

}  // namespace runward
