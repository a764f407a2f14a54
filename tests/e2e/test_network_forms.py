"""Each form of a rule, in both directions and both families, with a container of the real runc."""

import itertools
import subprocess
import unittest

import bundle
import network
from network import Network, probe

GROUPS = [{"name": "near", "addresses": ["10.77.0.1", "fd77::/125"]},
          {"name": "far", "addresses": ["10.77.0.9", "fd77::9"]}]
# Forms of peers: with 10.77.0.1 and fd77::1, which tries come from and go to, and without.
PEERS = ((["10.77.0.1", "fd77::1"], ["10.77.0.9", "fd77::9"]),
         (["10.77.0.0/29", "fd77::/125"], ["10.77.0.8/29", "fd77::8/125"]),
         (["10.77.0.1-10.77.0.3", "fd77::1-fd77::3"], ["10.77.0.8-10.77.0.12", "fd77::8-fd77::c"]),
         (["@near"], ["@far", "@metadata"]))
KINDS = (("tcp", 443), ("tcp", 80), ("udp", 53), ("udp", 54), ("ping",))
# Forms of services, and which of the kinds they are.
SERVICES = (({"ports": ["443/tcp", "53/udp"]}, (True, False, True, False, False)),
            ({"ports": ["443"]}, (True, False, False, False, False)),
            ({"ports": ["80-442/tcp", "54-60/udp"]}, (False, True, False, True, False)),
            ({"protocols": ["udp"]}, (False, False, True, True, False)),
            ({"protocols": ["icmp", "icmpv6", "tcp"]}, (True, True, False, False, True)),
            ({"icmp": ["echo-request"]}, (False, False, False, False, True)),
            ({"icmp": ["icmp/8", "icmpv6/128"], "ports": ["80/tcp"]}, (False, True, False, False, True)),
            ({}, (True, True, True, True, True)))


def tries(four, six):
    return [[kind, host, *words] for kind, *words in KINDS for host in (four, six)]


def twice(passes):
    return [one for one in passes for _ in range(2)]


class Forms(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)

    def hold(self, **rules):
        if self.one.containers():
            self.one.call("delete", "--force", "c1")
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.one.rules(groups=GROUPS, **rules)
        self.one.config(["sleep", "1000"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, (out, self.one.logged()))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def assert_both(self, rules, egress, ingress):
        """Which kinds pass, in the container's direction and in the peer's."""
        self.hold(**rules)
        server = network.serve("t443", "t80", "u53", "u54", space="box")
        try:
            self.assertEqual(probe(tries("10.77.0.1", "fd77::1"), "box", together=True), twice(egress), rules)
            self.assertEqual(probe(tries("10.77.0.2", "fd77::2"), "peer", together=True), twice(ingress), rules)
        finally:
            network.stop(server)

    def test_what_is_allowed_passes_and_nothing_else_does(self):
        places = itertools.cycle(PEERS)
        for (service, passes), (other, others) in zip(SERVICES, SERVICES[3:] + SERVICES[:3]):
            (to, _), (come, _) = next(places), next(places)
            with self.subTest(service=service, to=to, other=other, come=come):
                self.assert_both({"egress": {"default": "deny", "allow": [{"to": to, **service}]},
                                  "ingress": {"default": "deny", "allow": [{"from": come, **other}]}},
                                 passes, others)

    def test_another_peer_is_not_meant(self):
        none = (False,) * len(KINDS)
        for (_, to), (_, come) in zip(PEERS, PEERS[1:] + PEERS[:1]):
            with self.subTest(to=to, come=come):
                self.assert_both({"egress": {"default": "deny", "allow": [{"to": to}]},
                                  "ingress": {"default": "deny", "allow": [{"from": come}]}}, none, none)

    def test_what_is_denied_is_denied_and_all_else_passes(self):
        for (service, passes), (to, _) in zip(SERVICES[:4], PEERS):
            denied = [not one for one in passes]
            with self.subTest(service=service, to=to):
                self.assert_both({"egress": {"deny": [{"to": to, **service}]},
                                  "ingress": {"rules": [{"action": "deny", "from": to, **service},
                                                        {"action": "allow", "from": to}]}}, denied, denied)


if __name__ == "__main__":
    unittest.main()
