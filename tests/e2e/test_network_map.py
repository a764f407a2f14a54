"""Who talked to whom, and the rules that are proposed of it, with real traffic."""

import json
import subprocess
import unittest
import xml.etree.ElementTree

import bundle
import network
from network import Network, probe

DENY = {"default": "deny"}
OUT = [["tcp", "10.77.0.1", 443], ["tcp", "fd77::1", 80], ["udp", "10.77.0.1", 53], ["ping", "fd77::9"],
       ["ping", "10.77.0.1"]]
IN = [["tcp", "10.77.0.2", 8080], ["tcp", "fd77::2", 8081]]
OTHERS = [["tcp", "10.77.0.9", 443], ["tcp", "10.77.0.1", 80], ["udp", "10.77.0.1", 54],
          ["udp", "fd77::9", 53], ["ping", "10.77.0.9"]]
OTHERS_IN = [["tcp", "10.77.0.2", 8081], ["tcp", "fd77::2", 8080]]


class Map(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)
        self.one.servers.append(network.serve("t8080", "t8081", space="box"))
        agent = subprocess.Popen([bundle.BUILD / "bin" / "runward-agent",
                                  f"--runward-root={self.one.root}"], stderr=subprocess.DEVNULL)
        self.addCleanup(agent.wait)
        self.addCleanup(agent.terminate)
        self.assertTrue(self.one.wait_for((self.one.root / "run" / "agent.sock").exists))

    def ctl(self, *words):
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               *words], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def flows(self, *filters):
        return json.loads(self.ctl("report", "network", "--json", *filters))["flows"]

    def start(self, mode, **rules):
        """In a network of its own, that the test's processes join later."""
        network.stop(self.one.servers.pop())
        self.one.rules(mode, **rules)
        self.one.config(["sleep", "1000"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, (out, self.one.logged()))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        self.one.servers.append(network.serve("t8080", "t8081", space="box"))

    def test_what_is_proposed_allows_just_what_was_seen(self):
        self.start("audit", egress=DENY, ingress=DENY)
        self.assertEqual(probe(OUT, "box"), [True] * len(OUT))
        self.assertEqual(probe(IN, "peer"), [True] * len(IN))
        self.assertTrue(self.one.wait_for(
            lambda: len(self.flows("--decision", "would-deny")) >= len(OUT) + len(IN)), self.flows())
        proposed = json.loads(self.ctl("policy", "suggest", "network", "--container", "c1"))["network"]

        self.one.call("delete", "--force", "c1")
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.start("enforce", **proposed)
        self.ctl("policy", "check")
        self.assertEqual(probe(OUT, "box"), [True] * len(OUT), proposed)
        self.assertEqual(probe(IN, "peer"), [True] * len(IN), proposed)
        self.one.wait_for(lambda: False, 1.5)
        self.assertEqual(self.flows("--decision", "denied"), [])
        self.assertEqual(probe(OTHERS, "box"), [False] * len(OTHERS), proposed)
        self.assertEqual(probe(OTHERS_IN, "peer"), [False] * len(OTHERS_IN), proposed)
        self.assertTrue(self.one.wait_for(
            lambda: len(self.flows("--decision", "denied")) == len(OTHERS) + len(OTHERS_IN)),
            self.flows())

    def test_a_person_sees_who_talks_to_whom(self):
        self.start("enforce", egress={"default": "deny", "allow": [{"to": ["10.77.0.1"]}]}, ingress=DENY)
        self.assertEqual(probe([["tcp", "10.77.0.1", 443], ["udp", "10.77.0.9", 53]], "box"), [True, False])
        self.assertEqual(probe([["tcp", "10.77.0.2", 8080]], "peer"), [False])
        self.assertTrue(self.one.wait_for(lambda: len(self.flows()) >= 3), self.flows())
        seen = {(flow["decision"], flow["direction"], flow["peer"], flow["protocol"], flow["port"])
                for flow in self.flows("--container", "c1")}
        self.assertEqual(seen, {("allowed", "egress", "10.77.0.1", "tcp", 443),
                                ("denied", "egress", "10.77.0.9", "udp", 53),
                                ("denied", "ingress", "10.77.0.1", "tcp", 8080)})
        self.assertIn("network.egress.default", self.ctl("report", "network"))
        picture = xml.etree.ElementTree.fromstring(self.ctl("report", "network", "--svg"))
        self.assertIn("svg", picture.tag)
        texts = " ".join("".join(one.itertext()) for one in picture.iter() if one.tag.endswith("text"))
        self.assertIn("2 flows denied", texts)


if __name__ == "__main__":
    unittest.main()
