"""Network rules held at the host's end of a container's cable, whatever it does inside."""

import json
import subprocess
import unittest

import bundle
import network
from cable_network import (BOTH, BOX4, BOX6, BRIDGE, FAR4, HELD, PEER4, PEER6, PYTHON, RULES, WORDS, CableTest)
from network import ip


class Rules(CableTest):
    def test_rules_hold_both_ways_from_the_first_packet(self):
        self.one.start_agent()
        self.rules(egress=RULES, ingress={"default": "deny", "allow": [
            {"from": [PEER4, PEER6], "ports": ["80", "443/tcp"]}]})
        tries = json.dumps(WORDS)
        self.one.config([PYTHON, "-c", network.PROBE, tries, ""])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(json.loads(done.stdout), HELD, done)
        self.start("c2")
        server = subprocess.Popen(self.one.command("exec", "c2", PYTHON, "-c", network.SERVER, "t80", "t81", "u80",
                                                   "u81"), stdout=subprocess.PIPE, text=True)
        self.addCleanup(network.stop, server)
        self.assertEqual(server.stdout.readline(), "ready\n")
        self.assertEqual(network.probe(
            [["tcp", BOX4, 80], ["tcp", BOX6, 80], ["udp", BOX4, 80], ["udp", BOX6, 80], ["udp", BOX4, 80, 9000],
             ["udp", BOX6, 80, 9000], ["tcp", BOX4, 81], ["tcp", BOX6, 81], ["udp", BOX4, 81], ["udp", BOX6, 81, 9000],
             ["ping", BOX4], ["ping", BOX6]], "peer"), [True] * 6 + [False] * 6)
        self.assertEqual(self.one.tries_in(WORDS, "c2"), HELD)
        self.assertEqual(network.probe([["tcp", PEER4, 80]], "peer"), [True], "nobody else is held")

    def test_much_passes_both_ways(self):
        server = ("import socket\ns = socket.create_server(('::', 5001), family=socket.AF_INET6, dualstack_ipv6=True)\n"
                  "print('ready', flush=True)\n"
                  "while True:\n    one = s.accept()[0]\n"
                  "    while data := one.recv(1 << 20): one.sendall(data)\n    one.close()\n")
        running = subprocess.Popen(["ip", "netns", "exec", "peer", PYTHON, "-c", server], stdout=subprocess.PIPE, text=True)
        self.addCleanup(network.stop, running)
        self.assertEqual(running.stdout.readline(), "ready\n")
        self.one.start_agent()
        self.rules(egress={"default": "deny", "allow": [{"to": [PEER4, PEER6], "ports": ["5001/tcp"]}]},
                   ingress={"default": "deny"})
        self.start()
        script = ("import socket, sys, threading\nsent = bytes(range(256)) * (1 << 14)\n"
                  "for host in sys.argv[1:]:\n    s = socket.create_connection((host, 5001), 20)\n"
                  "    def send():\n        s.sendall(sent); s.shutdown(socket.SHUT_WR)\n"
                  "    threading.Thread(target=send).start()\n    got = b''\n"
                  "    while data := s.recv(1 << 20): got += data\n    print(got == sent)\n")
        done = self.one.inside("c1", PYTHON, "-c", script, PEER4, PEER6)
        self.assertEqual(done.stdout.split(), ["True", "True"], done)

    def test_who_flushed_the_rules_inside_is_held(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start(users=True, capabilities=BOTH)
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        self.assertNotEqual(self.one.inside("c1", "/usr/sbin/nft", "flush", "ruleset").returncode, 0)
        done = self.one.as_its_root("nft flush ruleset && nft list ruleset")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done)
        self.assertEqual(self.one.tries_in(WORDS), HELD)

    def test_errors_about_what_it_sent_arrive(self):
        self.one.start_agent()
        self.rules(egress={"default": "deny", "allow": [{"to": [PEER4, PEER6], "ports": ["99/udp"]}]},
                   ingress={"default": "deny"})
        self.start()
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        script = ("import socket, sys\nfor host in sys.argv[1:]:\n"
                  "    s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "    s.settimeout(2); s.connect((host, 99)); s.send(b'x')\n"
                  "    try: s.recv(9)\n    except OSError as error: print(type(error).__name__)\n")
        done = self.one.inside("c1", PYTHON, "-c", script, PEER4, PEER6)  # where nobody listens
        self.assertEqual(done.stdout.split(), ["ConnectionRefusedError"] * 2, done)

    def test_audit_lets_through_and_tells_each_packet_once(self):
        self.one.start_agent()
        self.rules("audit", egress=RULES)
        self.start()
        self.assertEqual(self.one.tries_in(WORDS), [True] * len(WORDS))
        self.assertEqual(self.one.filters(), ["runward_out", "runward_in"])

        def told(peer, port):
            return sum(event["count"] for event in self.of_network() if event.get("count") and
                       event["unmapped"]["runward"]["decision"] == "would-deny" and
                       event.get("dst_endpoint", {}).get("ip") == peer and event["dst_endpoint"].get("port") == port)
        self.one.tries_in([["udp", FAR4, 53]] * 3, together=False)
        self.assertTrue(self.one.wait_for(lambda: told(FAR4, 53) >= 3), self.of_network())
        self.assertEqual(told(FAR4, 53), 3)

    def test_what_is_denied_is_told_of_by_the_names_of_the_rules(self):
        self.one.start_agent()
        self.rules(egress=RULES, ingress={"default": "deny"})
        self.start()
        self.one.tries_in([["udp", FAR4, 53], ["tcp", PEER4, 443]])
        network.probe([["udp", BOX4, 99]], "peer")

        def told():
            return {(event["unmapped"]["runward"]["decision"], event["status_code"]) for event in self.of_network()}
        expected = {("denied", "network.egress.default"), ("denied", "network.ingress.default"),
                    ("allowed", "network.egress.allow[0]")}
        self.assertTrue(self.one.wait_for(lambda: expected <= told()), self.of_network())

    def test_another_start_of_the_same_name_has_its_own_rules(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()
        self.one.call("delete", "--force", "c1")
        self.rules(egress={"default": "deny", "allow": [{"to": [PEER4], "ports": ["80/tcp"]}]})
        self.start()
        self.assertEqual(self.one.tries_in([["tcp", PEER4, 443], ["tcp", PEER4, 80]]), [False, True])
        self.assertEqual(len(self.one.pins()), 1)
        self.one.call("delete", "--force", "c1")
        self.assertTrue(self.one.wait_for(lambda: not self.one.pins()))


class Agents(CableTest):
    def setUp(self):
        super().setUp()
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()

    def told(self, word):
        return [event for event in self.of_network() if word in json.dumps(event)]

    def test_an_agents_death_changes_nothing_and_the_next_one_goes_on(self):
        self.one.kill_agents()
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        pins = self.one.pins()
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: self.told("while no agent told of them")), self.of_network())
        self.assertEqual(self.one.pins(), pins)
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        self.one.tries_in([["udp", FAR4, 67]])
        self.assertTrue(self.one.wait_for(lambda: self.told('"port": 67')), self.of_network())

    def test_a_cable_that_comes_later_is_held(self):
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.one.plug("box", "v2", "hv2")
        self.assertTrue(self.one.wait_for(lambda: self.one.filters("hv2") == ["runward_out", "runward_in"]))
        self.assertTrue(self.one.wait_for(lambda: self.told('its cable \\"v2\\" is held')), self.of_network())
        ip("-n", "box", "link", "set", "v0", "down")
        ip("-n", "box", "addr", "add", f"{BOX4}/24", "dev", "v2")
        self.assertEqual(self.one.tries_in([["tcp", PEER4, 443], ["tcp", PEER4, 80]]), [True, False])

    def test_one_that_comes_while_no_agent_lives_is_held_by_the_next(self):
        self.one.kill_agents()
        self.one.plug("box", "v2", "hv2")
        self.assertEqual(self.one.filters("hv2"), [])
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: self.one.filters("hv2") == ["runward_out", "runward_in"]))

    def test_another_way_out_that_comes_later_is_told_of(self):
        ip("link", "add", "m0", "link", BRIDGE, "type", "macvlan")
        ip("link", "set", "m0", "netns", "box")
        self.assertTrue(self.one.wait_for(lambda: self.told("(macvlan)")), self.of_network())
        ip("link", "add", "e0", "type", "veth", "peer", "name", "e1", "netns", "peer")
        ip("link", "set", "e0", "netns", "box")
        self.assertTrue(self.one.wait_for(lambda: self.told('\\"e0\\" (veth)')), self.of_network())

    def test_what_could_not_be_held_is_tried_again(self):
        ip("link", "add", "hv2", "type", "veth", "peer", "name", "v2")
        subprocess.run("tc qdisc add dev hv2 clsact; tc filter add dev hv2 ingress bpf bytecode '1,6 0 0 0,'", shell=True,
                       check=True)
        ip("link", "set", "v2", "netns", "box")
        self.assertTrue(self.one.wait_for(lambda: self.told("(bpf)")), self.of_network())
        subprocess.run(["tc", "filter", "del", "dev", "hv2", "ingress"], check=True)
        self.assertTrue(self.one.wait_for(lambda: self.one.filters("hv2") == ["runward_out", "runward_in"]))

    def test_what_an_earlier_start_left_goes(self):
        self.one.kill_agents()
        (left,) = self.one.pins()
        self.one.call("delete", "--force", "c1")
        self.rules("audit", egress=RULES)  # which starts without an agent
        self.start()
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: len(self.one.pins()) == 1 and self.one.pins() != [left]))

    def test_whose_first_process_left_its_network_is_held_and_the_next_agent_says_what_is_not(self):
        self.one.call("delete", "--force", "c1")
        self.start(args=("/usr/bin/unshare", "-n", "sleep", "1000"), users=True, capabilities=(*BOTH, "CAP_SYS_ADMIN"))
        self.assertEqual(self.one.filters(), ["runward_out", "runward_in"])
        pins = self.one.pins()
        self.one.kill_agents()
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: self.told("is in another network than it was started in")),
                        self.of_network())
        self.assertEqual(self.one.pins(), pins)

    def test_what_is_kept_goes_with_the_container(self):
        self.assertEqual(len(self.one.pins()), 1)
        self.one.kill_agents()
        self.assertEqual(self.one.call("delete", "--force", "c1").returncode, 0)
        self.assertEqual(len(self.one.pins()), 1)
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: not self.one.pins()))


class Refusals(CableTest):
    def test_without_an_agent_it_does_not_start_and_audit_says_so(self):
        self.rules(egress=RULES)
        self.assertIn("none runs", self.refusal())
        self.rules("audit", egress=RULES)
        self.start()
        self.assertIn(("would-deny", "network.install"),
                      [(event["unmapped"]["runward"]["decision"], event.get("status_code"))
                       for event in self.one.logged()])
        listed = subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "ruleset"], capture_output=True,
                                text=True, check=True).stdout
        self.assertIn("table inet runward_", listed, "the rules inside are there all the same")

    def test_other_interfaces_are_refused_by_name(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        ip("link", "add", "m0", "link", BRIDGE, "type", "macvlan")
        ip("link", "set", "m0", "netns", "box")
        self.assertIn('\\"m0\\" (macvlan)', self.refusal().replace('"m0"', '\\"m0\\"'))
        ip("-n", "box", "link", "del", "m0")
        ip("link", "add", "e0", "netns", "box", "type", "veth", "peer", "name", "e1", "netns", "peer")
        self.assertIn("(veth)", self.refusal())
        self.assertEqual(self.one.filters(), [])
        self.assertEqual(self.one.pins(), [])

    def test_a_filter_of_somebody_elses_is_left_alone_and_refused(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        subprocess.run("tc qdisc add dev hv0 clsact; tc filter add dev hv0 ingress bpf bytecode '1,6 0 0 0,'", shell=True,
                       check=True)
        self.assertIn("another program filters it already (bpf)", self.refusal())
        self.assertEqual(self.one.filters(), [])
        self.rules("audit", egress=RULES)
        self.start()
        self.assertTrue(any("(bpf)" in json.dumps(event) for event in self.of_network()), self.of_network())

    def test_a_network_that_others_live_in_is_refused(self):
        self.one.start_agent()
        self.one.rules(egress={"default": "allow", "deny": [{"to": [FAR4]}]})
        self.start("c2")
        self.rules(egress=RULES)
        self.assertIn("it shares the network of process", self.refusal_of_second())

    def test_one_that_joins_in_audit_mode_touches_no_cable(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()
        before = self.one.pins()
        self.rules("audit", egress={"default": "allow"})
        self.start("c2")
        self.assertIn(("would-deny", "network.install"),
                      [(event["unmapped"]["runward"]["decision"], event.get("status_code"))
                       for event in self.one.logged()])
        self.flush_and_try("c1")
        self.assertEqual(self.one.pins(), before)
        self.one.kill_agents()
        self.one.start_agent()
        self.assertEqual(self.one.call("delete", "--force", "c2").returncode, 0)
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        self.assertEqual(self.one.filters(), ["runward_out", "runward_in"])

    def flush_and_try(self, name):
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.assertEqual(self.one.tries_in(WORDS, name), HELD)

    def refusal_of_second(self):
        self.one.config(["true"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertNotEqual(done.returncode, 0)
        return done.stdout + done.stderr

    def test_rules_that_cannot_be_held_are_no_policy(self):
        for rule in ({"to": ["dns:api.example.com"]}, {"to": ["profile:plain"]}, {"to": [PEER4], "rate": "1/second"}):
            self.rules(egress={"default": "deny", "allow": [rule]})
            done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                                   "policy", "check"], capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0, done)
            self.assertIn('under "capabilities": "veth"', done.stdout + done.stderr)

    def test_net_admin_is_withheld_and_net_raw_stays(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        for users in (False, True):
            with self.subTest(users=users):
                self.start(users=users, capabilities=BOTH)
                out = self.one.inside("c1", "grep", "CapBnd", "/proc/self/status").stdout
                self.assertEqual(int(out.split()[1], 16) >> 12 & 3, 2, out)
                done = self.one.call("exec", "--cap", "CAP_NET_ADMIN", "c1", "true")
                self.assertIn("(rule network.capabilities", done.stderr)
                self.assertEqual(self.one.call("exec", "--cap", "CAP_NET_RAW", "c1", "true").returncode, 0)
                self.one.call("delete", "--force", "c1")


if __name__ == "__main__":
    unittest.main()
