#include <sodium.h>

#include <map>

#include "base/encoding.h"
#include "scan/yaml.h"
#include "tools/secret_import.h"

namespace runward {
namespace {

Result<void> AddData(const YamlNode& data, bool base64, std::map<std::string, std::string>& to) {
  for (const auto& [key, value] : data.Members()) {
    if (!value.IsScalar()) return Error{"the key \"" + key + "\" of a Secret is no text", ""};
    std::string text(value.text());
    if (base64) {
      // Kubernetes ignores line breaks in it.
      std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
      std::optional<std::string> decoded = Base64Decode(text);
      if (!decoded) {
        return Error{"the key \"" + key + "\" of a Secret's data is no base64",
                     "plain text belongs into stringData"};
      }
      sodium_memzero(text.data(), text.size());
      text = *std::move(decoded);
    }
    to[key] = std::move(text);
  }
  return {};
}

Result<void> AddSecret(const YamlNode& secret, const std::string& path, Imported& to) {
  const YamlNode metadata = secret.Find("metadata");
  const std::string name(metadata.Find("name").text());
  const std::string space(metadata.Find("namespace").text());
  if (name.empty()) return Error{"a Secret has no metadata.name", ""};
  const std::string below = JoinPath(path, JoinPath(space.empty() ? "default" : space, name));
  std::map<std::string, std::string> values;
  TRY(AddData(secret.Find("data"), /*base64=*/true, values));
  TRY(AddData(secret.Find("stringData"), /*base64=*/false, values));
  for (auto& [key, value] : values) {
    TRY(AddImported(below, key, value, to));
    sodium_memzero(value.data(), value.size());
  }
  return {};
}

// A Secret, a List with some, or something else, which is passed over.
Result<void> AddDocument(const YamlNode& root, const std::string& path, Imported& to) {
  const std::string_view kind = root.Find("kind").text();
  if (kind == "Secret") return AddSecret(root, path, to);
  if (!kind.ends_with("List")) return {};
  for (const YamlNode& item : root.Find("items").Items()) {
    const bool secret = item.Find("kind").text() == "Secret" || kind == "SecretList";
    if (secret) TRY(AddSecret(item, path, to));
  }
  return {};
}

}  // namespace

Result<Imported> ImportKubernetes(std::string_view text, const std::string& path) {
  Imported found;
  TRY(EachYamlDocument(text, [&](const YamlNode& root) { return AddDocument(root, path, found); }));
  return found;
}

}  // namespace runward
