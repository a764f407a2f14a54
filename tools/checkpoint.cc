#include "tools/checkpoint.h"

#include "base/encoding.h"
#include "base/event_text.h"
#include "base/json.h"

namespace runward {
namespace {

// What is signed begins with it, so that the signature says nothing in another place.
constexpr std::string_view kDomain = "runward checkpoint 1\n";
constexpr std::string_view kSignature = R"(,"signature":")";
constexpr std::string_view kEnd = R"("})";
constexpr size_t kSignatureDigits = 88;  // 64 bytes in base64
constexpr size_t kTail = kSignature.size() + kSignatureDigits + kEnd.size();

std::string Quoted(std::string_view text) { return "\"" + EscapeJson(text, 128) + "\""; }

Result<std::string> Text(JsonValue root, std::string_view name) {
  return std::string(TRY(root.Find(name).String()));
}

}  // namespace

CheckpointPaths CheckpointPathsFor(const Paths& paths) {
  const std::string directory = paths.policy.substr(0, paths.policy.rfind('/') + 1);
  return {.private_key = directory + "checkpoint.key",
          .public_key = directory + "checkpoint.pub",
          .log = paths.log + "/checkpoints.jsonl"};
}

std::string SignCheckpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  std::string line = R"({"runward_checkpoint":1,"number":)" + std::to_string(checkpoint.number);
  line += ",\"seq\":" + std::to_string(checkpoint.seq);
  line += ",\"head\":" + Quoted(checkpoint.head);
  line += ",\"time\":" + Quoted(FormatTime(checkpoint.time));
  line += ",\"time_ns\":" + std::to_string(checkpoint.time.ns);
  line += ",\"hostname\":" + Quoted(checkpoint.hostname);
  line += ",\"boot_id\":" + Quoted(checkpoint.boot_id);
  line += ",\"prev\":" + Quoted(checkpoint.prev);
  line += ",\"key_sha256\":" + Quoted(Sha256Hex(key.public_bytes()));
  const std::string signature = key.Sign(std::string(kDomain) + line);
  return line + std::string(kSignature) + Base64Encode(signature) + std::string(kEnd);
}

Result<Checkpoint> ReadCheckpoint(std::string_view line, const PublicKey& key) {
  if (line.size() > kMaxCheckpointBytes || line.size() < kTail || !line.ends_with(kEnd) ||
      line.substr(line.size() - kTail, kSignature.size()) != kSignature) {
    return Error{"no checkpoint", ""};
  }
  const std::string_view text = line.substr(0, line.size() - kTail);
  const auto signature =
      Base64Decode(line.substr(line.size() - kEnd.size() - kSignatureDigits, kSignatureDigits));
  if (!signature || !VerifySignature(key, std::string(kDomain) + std::string(text), *signature)) {
    return Error{"its signature is not the key's", ""};
  }
  const JsonDocument document = TRY(JsonDocument::Parse(std::string(line)));
  const JsonValue root = document.root();
  if (TRY(root.Find("runward_checkpoint").Int()) != 1) {
    return Error{"a checkpoint of another format", "update runward"};
  }
  return Checkpoint{.number = TRY(root.Find("number").Int()),
                    .seq = TRY(root.Find("seq").Int()),
                    .head = TRY(Text(root, "head")),
                    .time = {TRY(root.Find("time_ns").Int())},
                    .hostname = TRY(Text(root, "hostname")),
                    .boot_id = TRY(Text(root, "boot_id")),
                    .prev = TRY(Text(root, "prev"))};
}

std::string CheckpointLabel(const Checkpoint& checkpoint) {
  return "checkpoint " + std::to_string(checkpoint.number) + " of " + FormatTime(checkpoint.time);
}

}  // namespace runward
