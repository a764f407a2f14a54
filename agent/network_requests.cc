#include "agent/network_requests.h"

#include <climits>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "oci/agent_client.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Json> Answer(Networks& networks, JsonValue request) {
  const std::string key(TRY(request.Find("key").String()));
  if (request.Find("ask").text() == "refresh-network") {
    TRY(networks.Refresh(key));
    return Json{{"ok", true}};
  }
  const int64_t pid = TRY(request.Find("pid").Int());
  if (pid <= 0 || pid > INT_MAX) return Error{"the request has no process", ""};
  if (request.Find("ask").text() == "apply-network") {
    const DeniedConnections denied = TRY(networks.Apply(key, static_cast<pid_t>(pid)));
    return Json{{"ok", true}, {"kept", denied.kept}, {"cut", denied.cut}};
  }
  const AgentDns dns = TRY(networks.Register(key, static_cast<pid_t>(pid)));
  const Json ports{{"direct", dns.direct}, {"embedded", dns.embedded}, {"source", dns.source}};
  const Holding holding = TRY(networks.HoldingOf(key));
  return Json{{"ok", true},
              {"dns", ports},
              {"held", holding == Holding::kYes},
              {"proving", holding == Holding::kNotYet}};
}

}  // namespace

std::optional<std::string> AnswerNetworkRequest(Networks& networks, const std::string& request) {
  const Result<JsonDocument> document = JsonDocument::Parse(request, {.max_depth = 4});
  if (!document.ok()) return std::nullopt;
  const JsonValue root = document.value().root();
  const std::string_view ask = root.Find("ask").text();
  const Result<int64_t> protocol = root.Find("protocol").Int();
  if (!protocol.ok() || protocol.value() != kAgentProtocol) return std::nullopt;
  if (ask != "network" && ask != "refresh-network" && ask != "apply-network") return std::nullopt;
  const Result<Json> answer = Answer(networks, root);
  if (answer.ok()) return Text(answer.value());
  return Text({{"ok", false}, {"error", answer.error().message}, {"hint", answer.error().hint}});
}

}  // namespace runward
