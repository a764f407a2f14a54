#include "agent/network_note.h"

#include <array>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

Result<int64_t> Number(JsonValue object, std::string_view name, int64_t least, int64_t most) {
  const int64_t number = TRY(object.Find(name).Int());
  if (number >= least && number <= most) return number;
  return Error{"a note's \"" + std::string(name) + "\" is none", ""};
}

// 0 in the note of a version that resolved no names.
Result<uint16_t> Port(JsonValue object, std::string_view name) {
  if (!object.Find(name)) return uint16_t{0};
  return static_cast<uint16_t>(TRY(Number(object, name, 0, UINT16_MAX)));
}

// Rows of direction (1: ingress), rule and packets.
Result<DeniedTotals> ReadTold(JsonValue rows) {
  const Error none{"a note's \"told\" is none", ""};
  DeniedTotals told;
  for (const JsonValue row : rows) {
    std::array<int64_t, 3> numbers{};
    if (row.size() != numbers.size()) return none;
    auto at = numbers.begin();
    for (const JsonValue number : row) *at++ = TRY(number.Int());
    const auto [ingress, rule, packets] = numbers;
    if (rule < INT_MIN || rule > INT_MAX || packets < 0) return none;
    told[{.ingress = ingress != 0, .rule = static_cast<int32_t>(rule)}] =
        static_cast<uint64_t>(packets);
  }
  return told;
}

}  // namespace

std::string FormatNetworkNote(const NetworkNote& note) {
  nlohmann::ordered_json json{{"pid", note.pid},
                              {"start", note.start},
                              {"direct", note.dns.direct},
                              {"embedded", note.dns.embedded},
                              {"source", note.dns.source}};
  for (const auto& [place, packets] : note.told) {
    json["told"].push_back({place.ingress ? 1 : 0, place.rule, packets});
  }
  return json.dump() + "\n";
}

Result<NetworkNote> ReadNetworkNote(const std::string& path) {
  constexpr size_t kMaxBytes = size_t{256} << 10;
  std::string text = TRY(ReadFileCapped(path, kMaxBytes, Trust::kOwner));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text), {.max_depth = 4}));
  const JsonValue root = document.root();
  NetworkNote note;
  note.pid = static_cast<pid_t>(TRY(Number(root, "pid", 1, INT_MAX)));
  note.start = static_cast<uint64_t>(TRY(Number(root, "start", 0, INT64_MAX)));
  note.dns.direct = TRY(Port(root, "direct"));
  note.dns.embedded = TRY(Port(root, "embedded"));
  note.dns.source = TRY(Port(root, "source"));
  if (root.Find("told")) note.told = TRY(ReadTold(root.Find("told")));
  return note;
}

}  // namespace runward
