#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "oci/record_json.h"
#include "oci/spec.h"

// What is accepted as a configuration, a lenient reader finds the same in; a cleaned path is clean;
// a record that is accepted is written and read back as itself.
namespace {

using nlohmann::json;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireClean(std::string_view path) {
  const std::string clean = runward::CleanPath(path);
  Require(clean.starts_with('/') && runward::CleanPath(clean) == clean);
  Require(clean == "/" || (!clean.ends_with('/') && clean.find("/../") == std::string::npos));
}

void RequireSameSpec(const std::string& text) {
  const auto spec = runward::ParseSpec(text, "config.json", "/bundle");
  if (!spec.ok()) return;
  const json twin = json::parse(text);
  const std::string path = twin.at("root").at("path");
  Require(spec.value().rootfs == (path.starts_with('/') ? path : "/bundle/" + path));
  const json mounts = twin.value("mounts", json());
  Require(spec.value().mounts.size() == mounts.size());
  for (size_t i = 0; i < spec.value().mounts.size(); ++i) {
    const json destination = mounts.at(i).value("destination", json());
    const std::string text_of = destination.is_string() ? destination.get<std::string>() : "";
    Require(spec.value().mounts[i].destination == text_of);
    RequireClean(spec.value().mounts[i].destination);
  }
}

void RequireSameProcess(const std::string& text) {
  const auto process = runward::ParseProcess(text, "process.json");
  if (!process.ok()) return;
  const json args = json::parse(text).value("args", json());
  Require(args.is_null() ? process.value().args.empty() : args == json(process.value().args));
}

void RequireSameRecord(const std::string& text) {
  const auto record = runward::ParseRecord(text, "plan.json");
  if (!record.ok()) return;
  const std::string written = runward::FormatRecord(record.value());
  const auto again = runward::ParseRecord(written, "plan.json");
  Require(again.ok() && runward::FormatRecord(again.value()) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  RequireSameSpec(text);
  RequireSameProcess(text);
  RequireSameRecord(text);
  RequireClean(text);
  return 0;
}
