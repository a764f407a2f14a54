#include <algorithm>
#include <array>

#include "policy/container_peer.h"
#include "policy/host_network.h"
#include "policy/nearest.h"
#include "policy/network_rule.h"
#include "policy/network_schema.h"
#include "policy/network_words.h"
#include "policy/wording.h"

namespace runward {
namespace {

constexpr size_t kMostRules = 1000;
constexpr std::string_view kDns = "dns:";

class Checker {
 public:
  Checker(JsonValue groups, Problems& problems) : groups_(groups), problems_(problems) {
    names_.push_back(kMetadataGroup.substr(1));
    for (const JsonValue group : groups) names_.push_back(group.Find("name").text());
  }

  void Direction(const JsonValue& direction, bool egress) {
    if (!direction) return;
    if (direction.size() == 0) {
      problems_.At(direction, "the section restricts nothing", "add \"default\": \"deny\"");
    }
    const JsonValue rules = direction.Find("rules");
    if (rules && (direction.Find("allow") || direction.Find("deny"))) {
      problems_.AtKey(rules, "\"rules\" stands instead of \"allow\" and \"deny\"",
                      "give each element an \"action\", or leave \"rules\" out");
    }
    const bool denies = direction.Find("default").text() == "deny";
    denies_ = denies;
    const JsonValue allow = direction.Find("allow");
    if (allow && !denies) {
      problems_.AtKey(allow, "\"allow\" has no effect where the default is allow",
                      "add \"default\": \"deny\"");
    }
    for (const char* list : {"allow", "deny", "rules"}) List(direction.Find(list), list, egress);
  }

 private:
  void List(const JsonValue& rules, std::string_view list, bool egress) {
    if (rules.size() > kMostRules) {
      problems_.AtKey(rules, "more than " + std::to_string(kMostRules) + " rules",
                      "put the addresses of alike rules into one, or into a group");
      return;
    }
    for (const JsonValue rule : rules) {
      const bool allow = list == "rules" ? rule.Find("action").text() == "allow" : list == "allow";
      Rule(rule, allow, egress);
    }
  }

  void Rule(const JsonValue& rule, bool allow, bool egress) {
    const bool matches = rule.Find("to") || rule.Find("from") || rule.Find("protocols") ||
                         rule.Find("ports") || rule.Find("icmp");
    const JsonValue rate = rule.Find("rate");
    if (!matches && !rate) {
      problems_.At(rule, "the rule fits everything",
                   egress ? "add \"to\", \"ports\", \"protocols\" or \"icmp\", or set \"default\""
                          : "add \"from\", \"ports\", \"protocols\" or \"icmp\", or set "
                            "\"default\"");
    }
    bool named = false;
    for (const char* key : {"to", "from"}) {
      for (const JsonValue peer : rule.Find(key)) {
        Peer(peer);
        named = named || peer.text().starts_with(kDns);
        Name(peer, allow, egress);
      }
    }
    const JsonValue is_private = rule.Find("privateAddresses");
    if (is_private && !named) {
      problems_.AtKey(is_private, "the rule has no names to which it could apply",
                      "leave it out, or add a \"dns:\" name to \"to\"");
    }
    Protocols(rule);
    Rate(rate, allow);
  }

  void Peer(const JsonValue& peer) {
    const std::string_view text = peer.text();
    if (text.starts_with('@')) {
      if (std::ranges::find(names_, text.substr(1)) != names_.end()) return;
      const std::string_view nearest = NearestName(text.substr(1), names_);
      problems_.At(peer, "there is no address group " + Quoted(text),
                   nearest.empty() ? "define it in \"addressGroups\""
                                   : "did you mean \"@" + std::string(nearest) + "\"?");
    } else if (const auto containers = ParseContainerPeer(text)) {
      CheckContainerPeer(peer, *containers, problems_);
    } else if (!text.starts_with(kDns)) {
      Range(peer);
    }
  }

  void Name(const JsonValue& peer, bool allow, bool egress) {
    std::string_view text = peer.text();
    if (!text.starts_with(kDns)) return;
    text.remove_prefix(kDns.size());
    if (!IsDnsPattern(text)) {
      problems_.At(peer, Quoted(text) + " is no name",
                   "write \"dns:api.example.com\" or \"dns:*.example.com\"");
    } else if (!egress) {
      problems_.At(peer, "names are for egress: who speaks to a container tells its address alone",
                   "list addresses");
    } else if (!allow && !denies_) {
      problems_.At(peer, "where the default is allow, a denied name's addresses stay within reach",
                   "set \"default\": \"deny\", or deny addresses");
    }
  }

 public:
  void Range(const JsonValue& value) {
    const RangeOrWhy parsed = ParseAddressRange(value.text());
    if (parsed.range) return;
    problems_.At(value, Quoted(value.text()) + " " + parsed.why,
                 parsed.hint.empty() ? "write an address, \"10.0.0.0/8\", \"10.0.0.1-10.0.0.9\" or "
                                       "\"@group\""
                                     : parsed.hint);
  }

 private:
  void Protocols(const JsonValue& rule) {
    const auto whole = [&rule](uint8_t number) {
      for (const JsonValue word : rule.Find("protocols")) {
        if (ProtocolOf(word.text()) == number) return true;
      }
      return false;
    };
    for (const JsonValue word : rule.Find("ports")) {
      std::string_view why;
      const auto ports = ParsePorts(word.text(), why);
      if (!ports) {
        problems_.At(word, Quoted(word.text()) + " " + std::string(why),
                     "write \"443/tcp\", \"8000-8100/udp\" or \"53\"");
      } else if (std::ranges::all_of(ports->protocols, whole)) {
        problems_.At(word, "all ports are listed already, by \"protocols\"",
                     "leave one of the two out");
      }
    }
    for (const JsonValue word : rule.Find("icmp")) {
      if (ParseIcmp(word.text())) continue;
      const std::string_view nearest = NearestName(word.text(), IcmpNames());
      problems_.At(word, Quoted(word.text()) + " is no type of ICMP message",
                   nearest.empty() ? "write \"echo-request\" or a number as in \"icmp/8\""
                                   : "did you mean \"" + std::string(nearest) + "\"?");
    }
  }

  void Rate(const JsonValue& rate, bool allow) {
    if (!rate) return;
    if (!ParseRate(rate.text())) {
      problems_.At(rate, Quoted(rate.text()) + " is no rate",
                   "write \"10/second\" or \"100/minute burst 20\"");
    } else if (!allow) {
      problems_.AtKey(rate, "what is denied has no rate", "leave \"rate\" out");
    }
  }

  JsonValue groups_;
  Problems& problems_;
  std::vector<std::string_view> names_;
  bool denies_ = false;  // the direction's default
};

std::vector<std::string_view> RawElements(const JsonValue& list) {
  std::vector<std::string_view> elements;
  for (const JsonValue element : list) elements.push_back(element.raw());
  return elements;
}

// Whether all of `some` are in `all`.
bool Within(const JsonValue& some, const JsonValue& all) {
  const std::vector<std::string_view> known = RawElements(all);
  return std::ranges::all_of(RawElements(some), [&](std::string_view one) {
    return std::ranges::find(known, one) != known.end();
  });
}

std::string DirectionLaxer(const JsonValue& was, const JsonValue& is, const std::string& name) {
  const bool denied = was.Find("default").text() == "deny";
  if (denied && is.Find("default").text() != "deny") return name + " allowed by default";
  if (was.Find("rules") || is.Find("rules")) {
    const bool same = was.Find("rules").raw() == is.Find("rules").raw();
    const bool alone = !denied && !was.Find("rules") && !was.Find("deny");
    return same || alone ? "" : name + " has other rules";
  }
  if (!Within(was.Find("deny"), is.Find("deny"))) return name + " denies less";
  if (denied && !Within(is.Find("allow"), was.Find("allow"))) return name + " allows more";
  return "";
}

// The words of a key that are laxer than its others, the laxest last, and what each brings.
struct LaxWord {
  std::string_view word;
  std::string_view way;
};
constexpr std::array<LaxWord, 2> kLaxCapabilities = {
    {{"veth", "network capabilities kept under rules"}, {"keep", "network capabilities kept"}}};
constexpr std::array<LaxWord, 2> kLaxHostNetwork = {
    {{"cgroup", "the host's network allowed under rules"},
     {"allow", "the host's network allowed"}}};

std::string_view WordLaxer(const JsonValue& was, const JsonValue& is,
                           const std::array<LaxWord, 2>& words) {
  const auto had = std::ranges::find(words, was.text(), &LaxWord::word);
  const auto has = std::ranges::find(words, is.text(), &LaxWord::word);
  if (has == words.end()) return "";
  return had == words.end() || had < has ? has->way : "";
}

}  // namespace

void CheckAddressGroups(const JsonValue& groups, Problems& problems) {
  Checker checker({}, problems);
  std::vector<std::string_view> names = {kMetadataGroup.substr(1)};
  for (const JsonValue group : groups) {
    const JsonValue name = group.Find("name");
    if (std::ranges::find(names, name.text()) != names.end()) {
      problems.At(name, "a second address group named " + Quoted(name.text()));
    }
    names.push_back(name.text());
    for (const JsonValue address : group.Find("addresses")) checker.Range(address);
  }
}

void CheckNetwork(const JsonValue& network, const JsonValue& groups, Problems& problems) {
  if (!network) return;
  if (!network.Find("egress") && !network.Find("ingress")) {
    problems.At(network, "\"network\" restricts nothing",
                "add \"egress\": {\"default\": \"deny\"}");
  }
  Checker checker(groups, problems);
  checker.Direction(network.Find("egress"), true);
  checker.Direction(network.Find("ingress"), false);
  CheckHostNetwork(network, problems);
}

std::string NetworkLaxerWays(const JsonValue& was, const JsonValue& is) {
  if (!was) return "";
  if (!is) return "no network rules";
  std::string ways;
  const auto add = [&ways](std::string_view way) {
    if (!way.empty()) ways += (ways.empty() ? "" : ", ") + std::string(way);
  };
  add(DirectionLaxer(was.Find("egress"), is.Find("egress"), "egress"));
  add(DirectionLaxer(was.Find("ingress"), is.Find("ingress"), "ingress"));
  add(WordLaxer(was.Find("capabilities"), is.Find("capabilities"), kLaxCapabilities));
  add(WordLaxer(was.Find("hostNetwork"), is.Find("hostNetwork"), kLaxHostNetwork));
  const bool kept = was.Find("onChange").text() == "cut" && is.Find("onChange").text() != "cut";
  add(kept ? "denied connections kept" : "");
  return ways;
}

}  // namespace runward
