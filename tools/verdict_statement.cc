#include "tools/verdict_statement.h"

#include <nlohmann/json.hpp>

#include "policy/dsse.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

Json SubjectList(const std::vector<Subject>& subjects) {
  Json list = Json::array();
  for (const Subject& subject : subjects) {
    list.push_back({{"name", subject.name}, {"digest", {{"sha256", subject.digest.hex()}}}});
  }
  return list;
}

std::string Statement(const std::vector<Subject>& subjects, std::string_view type, Json predicate) {
  const Json statement = {{"_type", "https://in-toto.io/Statement/v1"},
                          {"subject", SubjectList(subjects)},
                          {"predicateType", type},
                          {"predicate", std::move(predicate)}};
  // Text that is not UTF-8 is replaced: a name that only looked like another is not signed.
  return statement.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Extension(const NewVerdict& verdict) {
  const bool failed = verdict.result == VerdictResult::kFailed;
  const bool warned = verdict.result == VerdictResult::kWarned;
  Json extension = {{"result", failed ? "FAILED" : warned ? "WARN" : "PASSED"}};
  if (verdict.expires_at) extension["expiresAt"] = FormatTime(*verdict.expires_at);
  if (!verdict.diff_ids.empty()) {
    Json layers = Json::array();
    for (const Digest& layer : verdict.diff_ids) layers.push_back(layer.text());
    extension["diffIDs"] = std::move(layers);
  }
  if (!verdict.reasons.empty()) extension[failed ? "failed" : "warned"] = verdict.reasons;
  if (failed && !verdict.warnings.empty()) extension["warned"] = verdict.warnings;
  if (!verdict.scan.empty()) extension["scan"] = Json::parse(verdict.scan);
  return extension;
}

Json PolicyJson(const NewVerdict& verdict) {
  Json policy = {{"uri", verdict.policy_uri}};
  if (!verdict.policy_sha256.empty()) policy["digest"] = {{"sha256", verdict.policy_sha256}};
  return policy;
}

}  // namespace

std::string FormatStatement(const NewVerdict& verdict) {
  const bool failed = verdict.result == VerdictResult::kFailed;
  Json predicate = {
      {"verifier", {{"id", verdict.verifier}, {"version", {{"runwardctl", RUNWARD_VERSION}}}}},
      {"timeVerified", FormatTime(verdict.time_verified)},
      {"resourceUri", verdict.resource_uri},
      {"policy", PolicyJson(verdict)},
      {"verificationResult", failed ? "FAILED" : "PASSED"},
      {"verifiedLevels", {failed ? "FAILED" : "RUNWARD_IMAGE_POLICY_PASSED"}}};
  for (const VerdictInput& input : verdict.inputs) {
    predicate["inputAttestations"].push_back(
        {{"uri", input.uri}, {"digest", {{"sha256", input.sha256}}}});
  }
  predicate[std::string(kVerdictExtension)] = Extension(verdict);
  return Statement(verdict.subjects, kVsaType, std::move(predicate));
}

std::string FormatStatement(const NewRevocation& revocation) {
  Json predicate = {{"timeRevoked", FormatTime(revocation.time_revoked)},
                    {"reason", revocation.reason}};
  if (!revocation.payloads.empty()) predicate["payloads"] = revocation.payloads;
  return Statement(revocation.subjects, kRevocationType, std::move(predicate));
}

std::string SignStatement(const SigningKey& key, std::string statement) {
  Envelope envelope{.payload_type = std::string(kStatementType), .payload = std::move(statement)};
  const PublicKey public_key = {key.algorithm(), key.public_bytes()};
  envelope.signatures.push_back(
      {.keyid = KeyFingerprint(public_key),
       .bytes = key.Sign(PreAuthEncoding(envelope.payload_type, envelope.payload))});
  return FormatEnvelope(envelope);
}

}  // namespace runward
