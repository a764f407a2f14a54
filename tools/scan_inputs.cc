#include "tools/scan_inputs.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/event_text.h"
#include "base/file.h"
#include "base/json.h"
#include "scan/exception.h"

namespace runward {
namespace {

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

Result<void> AddExceptions(const ScanInput& input, std::vector<Exception>& exceptions) {
  for (Exception& exception : TRY(ReadExceptions(input.text, input.file))) {
    const bool vex = exception.origin == Exception::Origin::kVex;
    if (vex != (input.kind == "vex")) {
      return Error{"\"" + input.file + "\" is " + (vex ? "a VEX document" : "an ignore file"),
                   vex ? "give it with --vex" : "give it with --ignore"};
    }
    exceptions.push_back(std::move(exception));
  }
  return {};
}

// CISA's catalogue. It says how many it holds: one that was cut would let the others pass.
Result<std::vector<std::string>> IdsOfCatalogue(const std::string& text) {
  const JsonDocument document = TRY(JsonDocument::Parse(text, {.max_bytes = kMaxExceptionBytes}));
  std::vector<std::string> ids;
  for (const JsonValue entry : document.root().Find("vulnerabilities")) {
    ids.emplace_back(entry.Find("cveID").text());
  }
  const JsonValue count = document.root().Find("count");
  if (!count || count.text() == std::to_string(ids.size())) return ids;
  return Error{count.Where() + ": \"count\" is " + std::string(count.text()) + ", and " +
                   std::to_string(ids.size()) + " vulnerabilities are listed",
               "fetch the catalogue again"};
}

}  // namespace

std::string InputUri(const ScanInput& input) {
  return input.kind + ":" + Printable(input.file.substr(input.file.rfind('/') + 1));
}

VerdictInput VerdictInputOf(const ScanInput& input) {
  return {InputUri(input), Sha256Hex(input.text)};
}

Result<std::vector<ScanInput>> ReadScanInputs(const Options& options) {
  std::vector<ScanInput> inputs;
  for (const char* kind : {"vex", "ignore", "exploited"}) {
    for (const std::string& file : options.All(std::string("--") + kind)) {
      ScanInput input;
      input.kind = kind;
      input.file = file;
      input.text = TRY(ReadFileCapped(file, kMaxExceptionBytes, Trust::kAnyone));
      inputs.push_back(std::move(input));
    }
  }
  return inputs;
}

Result<void> UseScanInputs(const std::vector<ScanInput>& inputs, std::vector<Exception>& exceptions,
                           ScanClaims& claims) {
  for (const ScanInput& input : inputs) {
    if (input.kind == "exploited") {
      claims.exploited = TRY(ReadExploited(input.text, input.file));
    } else {
      TRY(AddExceptions(input, exceptions));
    }
  }
  return {};
}

Result<std::vector<std::string>> ReadExploited(const std::string& text, const std::string& file) {
  Result<std::vector<std::string>> read =
      text.starts_with("{") ? IdsOfCatalogue(text) : IdsOfLines(text);
  if (!read.ok()) {
    return Error{"\"" + file + "\": " + read.error().message, read.error().hint};
  }
  std::vector<std::string>& ids = read.value();
  const auto bad = std::ranges::find_if(ids, [](const std::string& id) {
    return !id.starts_with("CVE-") && !id.starts_with("GHSA-");
  });
  if (ids.empty() || bad != ids.end()) {
    return Error{"\"" + file + "\" is no list of known exploited vulnerabilities",
                 "CISA's catalogue as JSON, or a CVE-… id a line"};
  }
  std::ranges::sort(ids);
  return read;
}

}  // namespace runward
