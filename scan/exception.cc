#include "scan/exception.h"

#include <algorithm>

#include "base/glob.h"
#include "scan/fields.h"
#include "scan/purl.h"

namespace runward {
namespace {

bool StartsLine(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return true;
  }
  return false;
}

bool LooksLikeYaml(std::string_view text) {
  constexpr std::string_view kKeys[] = {
      "vulnerabilities:", "misconfigurations:", "secrets:", "licenses:", "ignore:", "---"};
  return std::ranges::any_of(kKeys, [&](std::string_view key) { return StartsLine(text, key); });
}

Result<std::vector<Exception>> ReadJson(const std::string& text) {
  const JsonDocument document = TRY(JsonDocument::Parse(text, {.max_bytes = kMaxExceptionBytes}));
  const JsonValue root = document.root();
  if (root.Find("statements")) return ReadOpenVex(root);
  if (root.Find("document")) return ReadCsaf(root);
  return Error{"this is no VEX document that runward knows",
               "it reads OpenVEX (with \"statements\") and CSAF (with \"document\")"};
}

Result<std::vector<Exception>> ReadAny(const std::string& text) {
  TRY(CheckNoByteOrderMark(text));
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] == '{' || text[first] == '[')) {
    return ReadJson(text);
  }
  return LooksLikeYaml(text) ? ReadIgnoreYaml(text) : ReadTrivyIgnore(text);
}

std::vector<std::string_view> FoldersOf(std::string_view path) {
  std::vector<std::string_view> folders;
  for (size_t at = 0; at <= path.size(); at += folders.back().size() + 1) {
    folders.push_back(path.substr(at, path.find('/', at) - at));
  }
  return folders;
}

// As doublestar has it: '*' stays in its folder, "**" is any folders, or none.
bool FitsPath(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> wanted = FoldersOf(pattern);
  const std::vector<std::string_view> found = FoldersOf(path);
  size_t w = 0;
  size_t f = 0;
  std::optional<size_t> any;  // behind the last "**", to come back to
  size_t any_found = 0;       // where its run ends so far
  while (f < found.size()) {
    if (w < wanted.size() && wanted[w] == "**") {
      any = ++w;
      any_found = f;
    } else if (w < wanted.size() && GlobMatch(wanted[w], found[f])) {
      ++w;
      ++f;
    } else if (any) {
      w = *any;
      f = ++any_found;
    } else {
      return false;
    }
  }
  return std::all_of(wanted.begin() + static_cast<std::ptrdiff_t>(w), wanted.end(),
                     [](std::string_view rest) { return rest == "**"; });
}

bool FitsPaths(const Exception& exception, const ScanFinding& finding) {
  return exception.paths.empty() ||
         std::ranges::any_of(exception.paths, [&](const std::string& pattern) {
           return FitsPath(pattern, finding.place);
         });
}

// Neither VEX nor an ignore file knows patterns of ids.
bool IsId(const std::vector<std::string>& ids, std::string_view id) {
  return std::ranges::any_of(ids, [&](const std::string& one) {
    return one.find('*') == std::string::npos && FitsFolded(one, id);
  });
}

bool FitsId(const Exception& exception, const ScanFinding& finding) {
  const auto named = [&](std::string_view id) { return IsId(exception.ids, id); };
  if (exception.ids.empty()) return true;
  if (!exception.by_alias) return named(finding.id);
  if (exception.accepts) return AcceptsById(finding, named);
  return named(finding.id) || std::ranges::any_of(finding.aliases, named);
}

bool IsAny(const std::vector<Purl>& stated, const std::string& purl) {
  const std::optional<Purl> found = Purl::Parse(purl);
  return found && std::ranges::any_of(stated, [&](const Purl& one) { return Covers(one, *found); });
}

bool FitsPackages(const Exception& exception, const ScanFinding& finding) {
  const auto named = [&](const std::string& pattern) {
    return GlobMatch(pattern, finding.package);
  };
  return (exception.names.empty() || std::ranges::any_of(exception.names, named)) &&
         (exception.purls.empty() || IsAny(exception.purls, finding.purl));
}

bool IsOneOf(const std::vector<std::string>& list, const std::string& text) {
  return list.empty() || std::ranges::find(list, text) != list.end();
}

bool Contains(const ImageView& image, const Digest& digest) {
  return std::ranges::find(image.digests, digest) != image.digests.end();
}

// "registry.example.com/web/app:1" → "registry.example.com/web/app"
std::string_view Repository(std::string_view name) {
  name = name.substr(0, name.find('@'));
  const size_t slash = name.rfind('/');
  const size_t colon = name.rfind(':');
  const bool tag =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return tag ? name.substr(0, colon) : name;
}

// An image by its digest; without one, by its repository.
bool IsImage(const Purl& product, const ImageView& image) {
  if (!product.version.empty()) {
    const std::optional<Digest> digest = Digest::Parse(product.version);
    return digest && Contains(image, *digest);
  }
  const std::string_view repository = Repository(image.name);
  const std::string_view stated = product.Qualifier("repository_url");
  if (!stated.empty()) return repository == stated;
  return repository.substr(repository.rfind('/') + 1) == product.name;
}

bool SpeaksOf(const VexProduct& product, const ScanFinding& finding, const ImageView& image) {
  if (product.image && !IsImage(*product.image, image)) return false;
  if (product.digest && !Contains(image, *product.digest)) return false;
  if (product.packages.empty()) return product.image || product.digest;
  return IsAny(product.packages, finding.purl);
}

}  // namespace

Result<std::vector<Exception>> ReadExceptions(const std::string& text, std::string_view file) {
  Result<std::vector<Exception>> read =
      text.size() > kMaxExceptionBytes
          ? Error{"larger than the 16 MiB that such a file may have", ""}
          : ReadAny(text);
  if (!read.ok()) {
    return Error{"\"" + std::string(file) + "\": " + read.error().message, read.error().hint};
  }
  for (Exception& exception : read.value()) exception.source = file;
  return read;
}

bool AcceptsById(const ScanFinding& finding, const std::function<bool(std::string_view)>& named) {
  if (named(finding.id)) return true;
  // An advisory (DSA-…) stands for several: its id would accept CVEs that nobody looked at.
  if (finding.id.starts_with("CVE-")) return false;
  const auto left = [&](const std::string& alias) {
    return alias.starts_with("CVE-") && !named(alias);
  };
  return std::ranges::any_of(finding.aliases, named) && std::ranges::none_of(finding.aliases, left);
}

bool SpeaksOf(const Exception& exception, const ScanFinding& finding, const ImageView& image) {
  if (exception.kind && *exception.kind != finding.kind) return false;
  if (!exception.fix_state.empty() && exception.fix_state != finding.fix_state &&
      // Other scanners tell what is fixed, and not why the rest is not.
      (exception.fix_state != "fixed" || finding.fixed.empty())) {
    return false;
  }
  if (!FitsId(exception, finding) || !FitsPackages(exception, finding)) return false;
  if (!IsOneOf(exception.versions, finding.version) || !IsOneOf(exception.types, finding.type) ||
      !FitsPaths(exception, finding)) {
    return false;
  }
  if (exception.origin != Exception::Origin::kVex) return true;
  return std::ranges::any_of(exception.products, [&](const VexProduct& product) {
    return SpeaksOf(product, finding, image);
  });
}

}  // namespace runward
