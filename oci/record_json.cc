#include "oci/record_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "base/json.h"

namespace runward {
namespace {

struct TextField {
  std::string_view name;
  std::string Record::*member;
};
constexpr std::array kTexts = {
    TextField{"id", &Record::id},
    TextField{"root", &Record::root},
    TextField{"bundle", &Record::bundle},
    TextField{"event", &Record::event},
    TextField{"time", &Record::time},
    TextField{"rule", &Record::rule},
    TextField{"profile", &Record::profile},
    TextField{"policySha256", &Record::policy_sha256},
    TextField{"image", &Record::image},
    TextField{"imageChain", &Record::image_chain},
    TextField{"imageConfig", &Record::image_config},
    TextField{"imageStore", &Record::image_store},
    TextField{"verdictSha256", &Record::verdict_sha256},
    TextField{"key", &Record::key},
    TextField{"run", &Record::run},
    TextField{"userProfile", &Record::user_profile},
    TextField{"userRun", &Record::user_run},
    TextField{"rootfs", &Record::rootfs},
    TextField{"commands", &Record::commands},
};
// Version 3 came before secrets and the network's rules.
constexpr std::array kSinceVersion4 = {
    TextField{"secrets", &Record::secrets},
    TextField{"network", &Record::network},
};

// Every key has to be there: half a record is none.
Result<JsonValue> Need(JsonValue object, std::string_view name) {
  const JsonValue value = object.Find(name);
  if (!value) return Error{"\"" + std::string(name) + "\" is missing", ""};
  return value;
}

Result<int64_t> NeedInt(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Need(object, name));
  return value.Int();
}

Result<bool> NeedBool(JsonValue object, std::string_view name) {
  const JsonValue value = TRY(Need(object, name));
  return value.Bool();
}

Result<void> ReadTexts(JsonValue root, std::span<const TextField> fields, Record& record) {
  for (const TextField& field : fields) {
    const JsonValue value = TRY(Need(root, field.name));
    record.*field.member = TRY(value.String());
  }
  return {};
}

Result<EventRule> EventsOf(JsonValue value) {
  EventRule rule;
  rule.required = TRY(NeedBool(value, "required"));
  rule.fdatasync = TRY(NeedBool(value, "fdatasync"));
  rule.rotate_bytes = TRY(NeedInt(value, "rotateBytes"));
  rule.keep = TRY(NeedInt(value, "keep"));
  return rule;
}

Result<Record> RecordOf(JsonValue root) {
  const int64_t version = TRY(NeedInt(root, "version"));
  if (version < kOldestRecordVersion || version > kRecordVersion) {
    return Error{"format version " + std::to_string(version) + " is not known here",
                 "use the runward that started the container, or start it again"};
  }
  Record record;
  TRY(ReadTexts(root, kTexts, record));
  const bool fourth = version >= 4;
  if (fourth) TRY(ReadTexts(root, kSinceVersion4, record));
  const JsonValue mode = TRY(Need(root, "mode"));
  if (mode.text() != "audit" && mode.text() != "enforce") return Error{"\"mode\" is unknown", ""};
  record.mode = mode.text() == "audit" ? Mode::kAudit : Mode::kEnforce;
  record.would_deny = TRY(NeedBool(root, "wouldDeny"));
  const JsonValue events = TRY(Need(root, "events"));
  record.events = TRY(EventsOf(events));
  record.creator = TRY(NeedInt(root, "creator"));
  record.creator_start = static_cast<uint64_t>(TRY(NeedInt(root, "creatorStart")));
  record.creator_namespace = static_cast<uint64_t>(TRY(NeedInt(root, "creatorNamespace")));
  // version, mode, wouldDeny, events, creator, creatorStart, creatorNamespace
  constexpr size_t kOthers = 7;
  if (root.size() != kTexts.size() + kOthers + (fourth ? kSinceVersion4.size() : 0)) {
    return Error{"it has unknown keys", ""};
  }
  return record;
}

}  // namespace

std::string FormatRecord(const Record& record) {
  nlohmann::ordered_json json{{"version", kRecordVersion}};
  for (const TextField& field : kTexts) json[std::string(field.name)] = record.*field.member;
  for (const TextField& field : kSinceVersion4) {
    json[std::string(field.name)] = record.*field.member;
  }
  json["mode"] = record.mode == Mode::kAudit ? "audit" : "enforce";
  json["wouldDeny"] = record.would_deny;
  json["events"] = {{"required", record.events.required},
                    {"fdatasync", record.events.fdatasync},
                    {"rotateBytes", record.events.rotate_bytes},
                    {"keep", record.events.keep}};
  json["creator"] = record.creator;
  json["creatorStart"] = record.creator_start;
  json["creatorNamespace"] = record.creator_namespace;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<Record> ParseRecord(std::string text, std::string_view name) {
  Result<JsonDocument> document =
      JsonDocument::Parse(std::move(text), {.max_bytes = kMaxRecordBytes, .max_depth = 4});
  Result<Record> record =
      document.ok() ? RecordOf(document.value().root()) : Result<Record>(document.error());
  if (record.ok()) return record;
  return Error{"refusing \"" + std::string(name) + "\": " + record.error().message,
               record.error().hint};
}

}  // namespace runward
