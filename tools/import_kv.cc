#include "base/json.h"
#include "tools/secret_import.h"
#include "vault/vault.h"

namespace runward {
namespace {

Error NotKv(const std::string& what) {
  return {"this is no KV version 2 secret: " + what,
          "pipe in: vault kv get -format=json MOUNT/PATH"};
}

Result<void> AddKeys(const JsonValue& keys, const std::string& path, Imported& to) {
  if (!keys.IsObject()) return NotKv("\"data\" is no object");
  for (const JsonValue value : keys) {
    const bool text = value.IsString();
    TRY(AddImported(path, value.key(), text ? value.text() : value.raw(), to));
  }
  return {};
}

// {"data": {"data": {KEY: VALUE}, "metadata": {...}}}, as both the program and the API print it.
Result<void> AddReply(const JsonValue& reply, const std::string& path, Imported& to) {
  const JsonValue outer = TRY(reply.Field("data"));
  if (!outer.IsObject()) return NotKv("it has no \"data\"");
  const JsonValue metadata = TRY(outer.Field("metadata"));
  const JsonValue keys = TRY(outer.Field("data"));
  if (!metadata.IsObject() || !keys) return NotKv("\"data\" has no \"data\" and \"metadata\"");
  if (keys.kind() == JsonKind::kNull) return NotKv("this version was deleted there");
  return AddKeys(keys, path, to);
}

Result<void> AddListed(const JsonValue& one, const std::string& path, Imported& to) {
  const JsonValue name = TRY(one.Field("path"));
  if (!name.IsString()) return NotKv("an element has no \"path\"");
  const JsonValue data = TRY(one.Field("data"));
  const std::string below = JoinPath(path, name.text());
  if (data.Find("data") && data.Find("metadata")) return AddReply(one, below, to);
  return AddKeys(data, below, to);
}

}  // namespace

Result<Imported> ImportKv(std::string_view text, const std::string& path) {
  const JsonDocument document =
      TRY(JsonDocument::Parse(std::string(text), {.max_bytes = kMaxImportBytes}));
  Imported found;
  if (document.root().IsArray()) {
    for (const JsonValue one : document.root()) TRY(AddListed(one, path, found));
    return found;
  }
  if (path.empty()) {
    return Error{"the JSON does not say what its secret is called",
                 "--into MOUNT/PATH, as references name it"};
  }
  const std::string plain = WithoutDataPart(path);
  TRY(AddReply(document.root(), plain.empty() ? path : plain, found));
  return found;
}

}  // namespace runward
