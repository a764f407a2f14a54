#include "agent/requests.h"

#include <unistd.h>

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

std::string Refused(const Error& error) {
  return Text({{"ok", false}, {"error", error.message}, {"hint", error.hint}});
}

struct Asked {
  std::string what;
  std::string key;
  std::string tier;
  int64_t pid = 0;
};

Result<Asked> ReadRequest(const std::string& request) {
  const JsonDocument document = TRY(JsonDocument::Parse(request, {.max_depth = 4}));
  const int64_t protocol = TRY(document.root().Find("protocol").Int());
  if (protocol != kAgentProtocol) {
    return Error{"the agent speaks another protocol than this program",
                 "restart runward-agent: it is of another version"};
  }
  Asked asked;
  asked.what = TRY(document.root().Find("ask").String());
  if (asked.what != "register") return asked;
  asked.key = TRY(document.root().Find("key").String());
  asked.tier = document.root().Find("tier").text();
  asked.pid = TRY(document.root().Find("pid").Int());
  if (asked.pid <= 0 || asked.pid > INT_MAX) return Error{"the request has no process", ""};
  return asked;
}

}  // namespace

std::string AnswerRequest(Enforcer& enforcer, const std::string& request,
                          const std::function<void(const Watched&)>& taken) {
  const Result<Asked> asked = ReadRequest(request);
  if (!asked.ok()) return Refused(asked.error());
  const Asked& one = asked.value();
  if (one.what == "register") {
    const auto registered = enforcer.Register(one.key, static_cast<pid_t>(one.pid), one.tier);
    if (!registered.ok()) return Refused(registered.error());
    taken(*registered.value());
    return Text({{"ok", true}});
  }
  if (one.what != "status") {
    return Refused({"the request is none that the agent knows",
                    "restart runward-agent: it is of another version than what asked"});
  }
  return Text({{"ok", true},
               {"tier", enforcer.tier()},
               {"passedOver", enforcer.passed_over()},
               {"pid", getpid()},
               {"version", RUNWARD_VERSION},
               {"containers", enforcer.registry().size()}});
}

}  // namespace runward
