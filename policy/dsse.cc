#include "policy/dsse.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/json.h"
#include "policy/verdict.h"

namespace runward {
namespace {

// sigstore/protobuf-specs, sigstore_bundle.proto: the media types of bundles that can hold DSSE.
constexpr std::array<std::string_view, 4> kBundleTypes = {
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
};

Result<std::string_view> RequiredString(const JsonValue& object, std::string_view name) {
  const JsonValue value = TRY(object.Field(name));
  if (!value) return Error{"the envelope has no \"" + std::string(name) + "\"", ""};
  return value.String();
}

Result<std::string> RequiredBase64(const JsonValue& object, std::string_view name) {
  const std::string_view text = TRY(RequiredString(object, name));
  std::optional<std::string> bytes = Base64Decode(text);
  if (!bytes) return Error{"the envelope's \"" + std::string(name) + "\" is not base64", ""};
  return *std::move(bytes);
}

Result<Envelope::Signature> ParseSignature(const JsonValue& value) {
  if (!value.IsObject()) return Error{"a signature of the envelope is not an object", ""};
  Envelope::Signature signature;
  signature.bytes = TRY(RequiredBase64(value, "sig"));
  if (const JsonValue keyid = TRY(value.Field("keyid"))) {
    signature.keyid = std::string(TRY(keyid.String()));
  }
  return signature;
}

Result<Envelope> ParseDsse(const JsonValue& value) {
  if (!value.IsObject()) return Error{"the envelope is not a JSON object", ""};
  Envelope envelope;
  envelope.payload_type = std::string(TRY(RequiredString(value, "payloadType")));
  envelope.payload = TRY(RequiredBase64(value, "payload"));
  const JsonValue signatures = TRY(value.Field("signatures"));
  if (!signatures.IsArray() || signatures.size() == 0) {
    return Error{"the envelope carries no signature", ""};
  }
  if (signatures.size() > kMaxSignatures) {
    return Error{"the envelope carries " + std::to_string(signatures.size()) +
                     " signatures, more than the " + std::to_string(kMaxSignatures) + " allowed",
                 ""};
  }
  for (const JsonValue signature : signatures) {
    envelope.signatures.push_back(TRY(ParseSignature(signature)));
  }
  return envelope;
}

Result<Envelope> ParseBundle(const JsonValue& root) {
  const std::string_view type = TRY(RequiredString(root, "mediaType"));
  if (std::ranges::find(kBundleTypes, type) == kBundleTypes.end()) {
    return Error{"the Sigstore bundle has the unknown media type \"" + std::string(type) + "\"",
                 ""};
  }
  const JsonValue inner = TRY(root.Field("dsseEnvelope"));
  if (!inner || TRY(root.Field("messageSignature"))) {
    return Error{"the Sigstore bundle signs a file, not a statement (it has no \"dsseEnvelope\")",
                 "sign a statement: cosign attest-blob --statement ... --bundle ..."};
  }
  // Two readers must not find two payloads in one text.
  if (TRY(root.Field("payload")) || TRY(root.Field("signatures"))) {
    return Error{"the text is a Sigstore bundle and a DSSE envelope at once", ""};
  }
  Envelope envelope = TRY(ParseDsse(inner));
  if (envelope.signatures.size() != 1) {  // sigstore_bundle.proto: "MUST contain only one"
    return Error{"the Sigstore bundle carries " + std::to_string(envelope.signatures.size()) +
                     " signatures; a bundle has exactly one",
                 ""};
  }
  return envelope;
}

}  // namespace

Result<Envelope> ParseEnvelope(std::string_view text, size_t max_bytes) {
  auto document = JsonDocument::Parse(std::string(text), {.max_bytes = max_bytes});
  if (!document.ok()) {
    return Error{"the envelope is not valid JSON: " + document.error().message, ""};
  }
  const JsonValue root = document.value().root();
  const bool bundle = TRY(root.Field("dsseEnvelope")) || TRY(root.Field("messageSignature")) ||
                      TRY(root.Field("mediaType"));
  return bundle ? ParseBundle(root) : ParseDsse(root);
}

std::string PreAuthEncoding(std::string_view payload_type, std::string_view payload) {
  std::string bytes = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  bytes += payload_type;
  bytes += " " + std::to_string(payload.size()) + " ";
  bytes += payload;
  return bytes;
}

std::string FormatEnvelope(const Envelope& envelope) {
  nlohmann::ordered_json signatures = nlohmann::ordered_json::array();
  for (const Envelope::Signature& signature : envelope.signatures) {
    signatures.push_back({{"keyid", signature.keyid}, {"sig", Base64Encode(signature.bytes)}});
  }
  const nlohmann::ordered_json json = {{"payload", Base64Encode(envelope.payload)},
                                       {"payloadType", envelope.payload_type},
                                       {"signatures", std::move(signatures)}};
  // Never throws: text that is not UTF-8 is replaced.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace runward
