"""Cables that an engine plugs in between a container's create and its start, as newer dockerd does."""

import json
import subprocess
import unittest

from cable_network import BOX4, BOX6, BRIDGE, HELD, RULES, WORDS, CableTest
from network import ip


class Later(CableTest):
    def setUp(self):
        super().setUp()
        ip("link", "del", "hv0")
        self.agent = self.one.start_agent()

    def create(self, mode="enforce", **rules):
        self.one.rules(mode, **{"egress": RULES, **rules})
        self.one.config(["sleep", "1000"], joins="new")
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.pid = str(json.loads(self.one.real("state", "c1").stdout)["pid"])

    def plug(self):
        ip("link", "add", "hv0", "type", "veth", "peer", "name", "v0", "netns", self.pid)
        ip("link", "set", "hv0", "master", BRIDGE, "up")
        done = self.one.as_its_root(f"ip link set lo up; ip addr add {BOX4}/24 dev v0; "
                                    f"ip addr add {BOX6}/64 dev v0 nodad; ip link set v0 up")
        self.assertEqual(done.returncode, 0, done)

    def begin(self):
        return self.one.call("start", "c1")

    def refused(self, *words):
        done = self.begin()
        self.assertNotEqual(done.returncode, 0, done)
        for word in (*words, "(rule network.install"):
            self.assertIn(word, done.stderr)
        self.assertEqual(json.loads(self.one.real("state", "c1").stdout)["status"], "created")

    def test_a_cable_is_held_when_the_start_is_through(self):
        self.create(capabilities="veth")
        self.plug()
        self.assertEqual(self.begin().returncode, 0)
        self.assertEqual(self.one.filters(), ["runward_out", "runward_in"])
        self.assertEqual(self.one.as_its_root("nft flush ruleset").returncode, 0)
        self.one.wait_for(lambda: self.one.tries_in([["ping", "fd77::1"]]) == [True])
        self.assertEqual(self.one.tries_in(WORDS), HELD)

    def test_without_an_agent_it_does_not_start_before_one_runs(self):
        self.create(capabilities="veth")
        self.one.kill_agents()
        self.plug()
        self.refused("none runs", "systemctl start runward-agent")
        self.one.start_agent()
        self.assertEqual(self.begin().returncode, 0)
        self.assertEqual(self.one.filters(), ["runward_out", "runward_in"])

    def test_what_cannot_be_held_is_refused_and_named_in_the_log(self):
        self.create(capabilities="veth")
        self.plug()
        ip("link", "add", "m0", "link", BRIDGE, "type", "macvlan")
        ip("link", "set", "m0", "netns", self.pid)
        self.refused("not all that leads out of its network")
        self.assertIn('\\"m0\\" (macvlan)', json.dumps(self.of_network()))
        self.one.as_its_root("ip link del m0")
        subprocess.run("tc filter del dev hv0 ingress; tc filter add dev hv0 ingress bpf bytecode '1,6 0 0 0,'",
                       shell=True, check=True)
        self.refused("not all that leads out of its network")
        subprocess.run(["tc", "filter", "del", "dev", "hv0", "ingress"], check=True)
        self.assertEqual(self.begin().returncode, 0)
        self.assertEqual(self.one.filters(), ["runward_out", "runward_in"])

    def test_audit_and_other_words_start_without_an_agent(self):
        for mode, word in (("audit", "veth"), ("enforce", "withhold"), ("enforce", "keep")):
            with self.subTest(mode=mode, word=word):
                self.create(mode, capabilities=word)
                self.one.kill_agents()
                self.plug()
                done = self.begin()
                self.assertEqual(done.returncode, 0, done)
                self.one.call("delete", "--force", "c1")
                self.one.start_agent()


if __name__ == "__main__":
    unittest.main()
