#include "oci/recorded_start.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "oci/spec_fields.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

Json TextsOf(const std::vector<Digest>& digests) {
  Json texts = Json::array();
  for (const Digest& digest : digests) texts.push_back(digest.text());
  return texts;
}

Json ImageJson(const ImageEvidence& image) {
  Json json = {{"store", image.store},
               {"name", image.unsigned_name},
               {"rootfs", image.rootfs},
               {"why", image.why},
               {"configCertain", image.config_certain}};
  // The last prefix is the chain.
  json["chain"] = image.chain ? image.chain->text() : "";
  json["prefixes"] = TextsOf(image.prefixes);
  json["configs"] = TextsOf(image.configs);
  return json;
}

Json LocationsJson(const std::vector<Location>& locations) {
  Json json = Json::array();
  for (const Location& one : locations)
    json.push_back({{"device", one.device}, {"path", one.path}});
  return json;
}

Json SourceJson(const SourceView& source) {
  Json json = {{"mount", source.mount}, {"path", source.path}, {"socket", source.socket}};
  if (!source.why.empty()) json["why"] = source.why;
  json["trees"] = LocationsJson(source.trees);
  json["above"] = Json::array();
  for (const auto& chain : source.above) json["above"].push_back(LocationsJson(chain));
  return json;
}

Result<std::vector<Digest>> DigestsField(JsonValue object, std::string_view name) {
  std::vector<Digest> digests;
  for (const std::string& text : TRY(TextsField(object, name))) {
    const std::optional<Digest> digest = Digest::Parse(text);
    if (!digest) return Error{"\"" + text + "\" is no digest", ""};
    digests.push_back(*digest);
  }
  return digests;
}

Result<ImageEvidence> ImageOf(JsonValue object) {
  ImageEvidence image{.store = TRY(TextField(object, "store"))};
  image.chain = Digest::Parse(TRY(TextField(object, "chain")));
  image.prefixes = TRY(DigestsField(object, "prefixes"));
  image.configs = TRY(DigestsField(object, "configs"));
  image.config_certain = TRY(BoolField(object, "configCertain"));
  image.unsigned_name = TRY(TextField(object, "name"));
  image.rootfs = TRY(TextField(object, "rootfs"));
  image.why = TRY(TextField(object, "why"));
  return image;
}

Result<std::vector<Location>> LocationsOf(JsonValue list) {
  if (!list.IsArray()) return Error{list.Where() + ": no list of places", ""};
  std::vector<Location> locations;
  for (const JsonValue one : list) {
    Location location{.device = TRY(TextField(one, "device"))};
    location.path = TRY(TextField(one, "path"));
    locations.push_back(std::move(location));
  }
  return locations;
}

Result<SourceView> SourceOf(JsonValue object) {
  SourceView source{.mount = TRY(CountField(object, "mount")).value_or(0)};
  source.path = TRY(TextField(object, "path"));
  source.why = TRY(TextField(object, "why"));
  source.socket = TRY(BoolField(object, "socket"));
  const JsonValue trees = TRY(ListField(object, "trees"));
  if (trees) source.trees = TRY(LocationsOf(trees));
  const JsonValue above = TRY(ListField(object, "above"));
  for (const JsonValue chain : above) source.above.push_back(TRY(LocationsOf(chain)));
  return source;
}

Result<RecordedStart> StartOf(JsonValue root) {
  RecordedStart start{.event = TRY(TextField(root, "event"))};
  start.bundle = TRY(TextField(root, "bundle"));
  start.exposed = TRY(TextField(root, "exposed"));
  start.rootfs = TRY(TextField(root, "rootfs"));
  const JsonValue image = TRY(ObjectField(root, "image"));
  start.image = TRY(ImageOf(image));
  const JsonValue sources = TRY(ListField(root, "sources"));
  for (const JsonValue source : sources) start.sources.push_back(TRY(SourceOf(source)));
  start.host_namespaces = TRY(TextsField(root, "hostNamespaces"));
  start.config = TRY(ObjectField(root, "config")).raw();
  return start;
}

}  // namespace

std::string FormatRecordedStart(const RecordedStart& start) {
  Json json = {{"event", start.event},
               {"bundle", start.bundle},
               {"exposed", start.exposed},
               {"rootfs", start.rootfs},
               {"image", ImageJson(start.image)},
               {"sources", Json::array()},
               {"hostNamespaces", start.host_namespaces}};
  for (const SourceView& source : start.sources) json["sources"].push_back(SourceJson(source));
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.pop_back();  // '}'
  return text.append(",\"config\":").append(start.config).append("}\n");
}

Result<RecordedStart> ParseRecordedStart(std::string line) {
  const JsonDocument document =
      TRY(JsonDocument::Parse(std::move(line), {.max_bytes = kMaxRecordedStart, .max_depth = 66}));
  return StartOf(document.root());
}

}  // namespace runward
