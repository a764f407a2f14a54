#include "policy/network_schema.h"

#include <array>

namespace runward {
namespace {

using std::string_view;

constexpr std::array<string_view, 2> kDenyAllow = {"deny", "allow"};
constexpr std::array<string_view, 3> kHostNetwork = {"deny", "allow", "cgroup"};
constexpr std::array<string_view, 4> kCapabilities = {"withhold", "refuse", "keep", "veth"};
constexpr std::array<string_view, 2> kOnChange = {"keep", "cut"};
constexpr std::array<string_view, 9> kProtocolNames = {"ah",   "esp", "gre", "icmp",   "icmpv6",
                                                       "sctp", "tcp", "udp", "udplite"};

constexpr KeySpec kAction = {.name = "action",
                             .shape = Shape::kChoice,
                             .required = true,
                             .help = "What happens to what the rule matches.",
                             .choices = kDenyAllow};
constexpr KeySpec kFrom = {.name = "from",
                           .count = Count::kSome,
                           .help =
                               "Who speaks: addresses, prefixes (\"10.0.0.0/8\"), ranges "
                               "(\"10.0.0.1-10.0.0.9\"), groups (\"@metadata\"), and containers "
                               "(\"profile:web\", \"image:registry.example.com/web/*\"); anybody, "
                               "when absent."};
constexpr KeySpec kIcmp = {.name = "icmp",
                           .count = Count::kSome,
                           .help =
                               "Types of ICMP messages, of IPv4 and IPv6 alike "
                               "(\"echo-request\"), or by number (\"icmp/8\")."};
constexpr KeySpec kName = {
    .name = "name", .shape = Shape::kName, .help = "What events call the rule, beside its place."};
constexpr KeySpec kPorts = {.name = "ports",
                            .count = Count::kSome,
                            .help =
                                "The listening side's ports: \"443/tcp\", \"8000-8100/udp\"; "
                                "\"53\" is TCP and UDP."};
constexpr KeySpec kPrivate = {.name = "privateAddresses",
                              .shape = Shape::kBool,
                              .help =
                                  "Whether the rule's names may have addresses of private "
                                  "networks, which are kept from a container otherwise.",
                              .fallback = "false"};
constexpr KeySpec kProtocols = {.name = "protocols",
                                .shape = Shape::kChoice,
                                .count = Count::kSome,
                                .help = "Whole protocols, by name.",
                                .choices = kProtocolNames};
constexpr KeySpec kRate = {
    .name = "rate",
    .help =
        "How many new connections are allowed at most, such as \"10/second\" or "
        "\"100/minute burst 20\"; what is beyond is denied."};
constexpr KeySpec kTo = {.name = "to",
                         .count = Count::kSome,
                         .help =
                             "Who is spoken to: addresses, prefixes (\"10.0.0.0/8\"), ranges "
                             "(\"10.0.0.1-10.0.0.9\"), groups (\"@metadata\"), names "
                             "(\"dns:api.example.com\", \"dns:*.example.com\"), and containers "
                             "(\"profile:web\", \"image:registry.example.com/web/*\"); anybody, "
                             "when absent."};

constexpr std::array<KeySpec, 7> kEgressKeys = {kIcmp,      kName, kPorts, kPrivate,
                                                kProtocols, kRate, kTo};
constexpr std::array<KeySpec, 6> kIngressKeys = {kFrom, kIcmp, kName, kPorts, kProtocols, kRate};
constexpr std::array<KeySpec, 8> kEgressOrdered = {kAction,  kIcmp,      kName, kPorts,
                                                   kPrivate, kProtocols, kRate, kTo};
constexpr std::array<KeySpec, 7> kIngressOrdered = {kAction, kFrom,      kIcmp, kName,
                                                    kPorts,  kProtocols, kRate};
constexpr ObjectSpec kEgressRule = {"egress rule", "What a container may send.", kEgressKeys};
constexpr ObjectSpec kIngressRule = {"ingress rule", "What may reach a container.", kIngressKeys};
constexpr ObjectSpec kEgressOrderedRule = {"ordered egress rule", "What a container may send.",
                                           kEgressOrdered};
constexpr ObjectSpec kIngressOrderedRule = {"ordered ingress rule", "What may reach a container.",
                                            kIngressOrdered};

constexpr KeySpec DefaultKey() {
  return {.name = "default",
          .shape = Shape::kChoice,
          .help = "What happens to what no rule matches.",
          .fallback = "\"allow\"",
          .choices = kDenyAllow};
}
constexpr KeySpec Rules(string_view name, string_view help, const ObjectSpec& object) {
  return {.name = name,
          .shape = Shape::kObject,
          .count = Count::kSome,
          .help = help,
          .object = &object};
}
constexpr string_view kAllowHelp = "What is allowed, unless it is denied.";
constexpr string_view kDenyHelp = "What is denied, whatever is allowed.";
constexpr string_view kRulesHelp =
    "Instead of \"deny\" and \"allow\": the first that fits decides.";

constexpr std::array<KeySpec, 4> kEgressSection = {
    Rules("allow", kAllowHelp, kEgressRule), DefaultKey(), Rules("deny", kDenyHelp, kEgressRule),
    Rules("rules", kRulesHelp, kEgressOrderedRule)};
constexpr std::array<KeySpec, 4> kIngressSection = {
    Rules("allow", kAllowHelp, kIngressRule), DefaultKey(), Rules("deny", kDenyHelp, kIngressRule),
    Rules("rules", kRulesHelp, kIngressOrderedRule)};
constexpr ObjectSpec kEgress = {"egress", "What a container may send.", kEgressSection};
constexpr ObjectSpec kIngress = {"ingress", "What may reach a container.", kIngressSection};

constexpr std::array<KeySpec, 5> kNetworkKeys = {{
    {.name = "capabilities",
     .shape = Shape::kChoice,
     .help =
         "NET_ADMIN and NET_RAW, with which a process goes round its rules: withhold takes "
         "them away, refuse refuses a container that asks for one, keep trusts the container, veth "
         "takes NET_ADMIN away, leaves NET_RAW and judges its packets at the host's end of its "
         "cables.",
     .fallback = "\"withhold\"",
     .choices = kCapabilities},
    {.name = "egress",
     .shape = Shape::kObject,
     .help = "What a container may send.",
     .object = &kEgress},
    {.name = "hostNetwork",
     .shape = Shape::kChoice,
     .help = "What becomes of a container that shares the host's network: deny refuses it, allow "
             "lets it start without rules, cgroup holds it to its rules by its control group.",
     .fallback = "\"deny\"",
     .choices = kHostNetwork},
    {.name = "ingress",
     .shape = Shape::kObject,
     .help = "What may reach a container.",
     .object = &kIngress},
    {.name = "onChange",
     .shape = Shape::kChoice,
     .help = "What becomes of a running container's open connections that changed rules deny: keep "
             "lets them go on, cut has nothing more of them pass.",
     .fallback = "\"keep\"",
     .choices = kOnChange},
}};

constexpr std::array<KeySpec, 2> kGroupKeys = {{
    {.name = "addresses",
     .count = Count::kSome,
     .required = true,
     .help = "Addresses, prefixes and ranges."},
    {.name = "name",
     .shape = Shape::kName,
     .required = true,
     .help = "Rules write it with an @ in front."},
}};

}  // namespace

constinit const ObjectSpec kNetworkSchema = {
    "network", "Whom a container may speak with, held by the kernel.", kNetworkKeys};
constinit const ObjectSpec kAddressGroupSchema = {"address group", "Addresses under a name.",
                                                  kGroupKeys};

}  // namespace runward
