#include "netfilter/cables.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace runward {
namespace {

// A tunnel that there is in every network once the kernel knows its kind. It leads nowhere before
// it is configured, and by the network that it is in then.
bool IsKernels(const Link& link) {
  struct Known {
    std::string_view name;
    std::string_view kind;
  };
  constexpr std::array<Known, 9> kKnown = {{{"tunl0", "ipip"},
                                            {"sit0", "sit"},
                                            {"gre0", "gre"},
                                            {"gretap0", "gretap"},
                                            {"erspan0", "erspan"},
                                            {"ip_vti0", "vti"},
                                            {"ip6_vti0", "vti6"},
                                            {"ip6tnl0", "ip6tnl"},
                                            {"ip6gre0", "ip6gre"}}};
  return !link.peer_space && std::ranges::any_of(kKnown, [&](const Known& known) {
    return known.name == link.name && known.kind == link.kind;
  });
}

std::optional<Cable> CableOf(const Link& link, const Side& inside, const Side& host) {
  if (link.kind != "veth" || !inside.other || !host.other || link.peer_space != inside.other) {
    return std::nullopt;
  }
  const auto far = std::ranges::find(host.links, link.peer, &Link::index);
  if (far == host.links.end() || far->kind != "veth" || far->peer != link.index ||
      far->peer_space != host.other) {
    return std::nullopt;
  }
  return Cable{.index = far->index,
               .name = far->name,
               .inside = link.name,
               .inside_index = link.index,
               .has_xdp = far->has_xdp};
}

}  // namespace

Cables FindCables(const Side& inside, const Side& host) {
  Cables found;
  for (const Link& link : inside.links) {
    if (link.loopback || IsKernels(link)) continue;
    if (auto cable = CableOf(link, inside, host)) {
      found.all.push_back(*std::move(cable));
    } else {
      found.others.push_back(link);
    }
  }
  return found;
}

Result<Cables> CablesOf(const NetNamespace& space) {
  const NetNamespace own = TRY(NetNamespaceOf(getpid()));
  Side inside;
  {
    const InNetNamespace there = TRY(InNetNamespace::Enter(space));
    inside.links = TRY(ReadLinks());
    inside.other = TRY(NumberOf(own));
  }
  Side host;
  host.links = TRY(ReadLinks());
  host.other = TRY(NumberOf(space));
  return FindCables(inside, host);
}

std::string DescribeLink(const Link& link) {
  return "\"" + link.name + "\" (" + (link.kind.empty() ? "a device of the machine" : link.kind) +
         ")";
}

}  // namespace runward
