"""Network rules of containers that share the host's network, held by their control group."""

import json
import subprocess
import unittest

import bundle
import network
from host_network import FAR4, FAR6, HOST4, HOST6, PEER4, PEER6, PYTHON, HostNetworkTest
from network import probe

RULES = {"default": "deny", "allow": [
    {"to": [PEER4, PEER6], "ports": ["443/tcp", "53/udp"]}, {"to": [PEER4, PEER6], "icmp": ["echo-request"]}]}
# Each with whether the rules let it pass; without them, all of it does.
TRIES = [(["tcp", PEER4, 443], True), (["tcp", PEER6, 443], True), (["tcp", PEER4, 80], False),
         (["tcp", PEER6, 80], False), (["tcp", FAR4, 443], False), (["tcp", FAR6, 443], False),
         (["udp", PEER4, 53], True), (["udp", PEER6, 53], True), (["udp", PEER4, 54], False),
         (["udp", FAR6, 53], False), (["ping", PEER4], True), (["ping", PEER6], True),
         (["ping", FAR4], False), (["ping", FAR6], False)]
WORDS = [words for words, _ in TRIES]
HELD = [passes for _, passes in TRIES]


class Rules(HostNetworkTest):
    def test_the_container_is_held_and_nobody_else(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()
        self.rules(egress={"default": "deny"}, hostNetwork="allow")
        self.start("c2")
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        self.assertEqual(self.one.tries(WORDS), [True] * len(WORDS))
        self.assertEqual(self.one.tries_in(WORDS, "c2"), [True] * len(WORDS))
        listed = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True)
        self.assertEqual(listed.stdout, "")

    def test_the_first_packet_of_the_first_process_meets_the_rules(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.one.config(["sh", "-c", f"exec 2>/dev/null; nc -w 2 {PEER4} 443 </dev/null; echo; "
                         f"nc -w 1 {PEER4} 80 </dev/null || echo no; nc -w 1 {FAR6} 443 </dev/null || echo no6"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.stdout, "hello\nno\nno6\n", self.one.logged())

    def test_the_loopback_is_the_hosts_and_held(self):
        server = network.serve("t90", "t91")
        self.addCleanup(network.stop, server)
        tries = [[kind, host, port] for kind in ("tcp",) for host in ("127.0.0.1", "::1", HOST4, HOST6)
                 for port in (90, 91)]
        self.one.start_agent()
        self.rules(egress={"default": "deny", "allow": [
            {"to": ["127.0.0.0/8", "::1"], "ports": ["90/tcp"]}]})
        self.start()
        self.assertEqual(self.one.tries_in(tries), [True, False, True, False] + [False] * 4)
        self.assertEqual(self.one.tries(tries), [True] * 8)

    def test_ingress_is_held_for_its_own_sockets(self):
        host = network.serve("t82", "u82")
        self.addCleanup(network.stop, host)
        self.one.start_agent()
        self.rules(ingress={"default": "deny", "allow": [
            {"from": [PEER4, PEER6], "ports": ["80", "443/tcp"]}]})
        self.start()
        server = subprocess.Popen(self.one.command("exec", "c1", PYTHON, "-c", network.SERVER,
                                                   "t80", "t81", "u80", "u81"), stdout=subprocess.PIPE, text=True)
        self.addCleanup(network.stop, server)
        self.assertEqual(server.stdout.readline(), "ready\n")
        self.assertEqual(probe([["tcp", HOST4, 80], ["tcp", HOST6, 80], ["udp", HOST4, 80], ["udp", HOST6, 80],
                                ["tcp", HOST4, 81], ["tcp", HOST6, 81], ["udp", HOST4, 81], ["udp", HOST6, 81],
                                ["tcp", HOST4, 82], ["udp", HOST6, 82]], "peer"),
                         [True] * 4 + [False] * 4 + [True] * 2)
        # What it begins itself is answered.
        outside = [words for words in WORDS if words[1] not in (FAR4, FAR6)]
        self.assertEqual(self.one.tries_in(outside), [True] * len(outside))

    def test_deny_comes_first_ranges_and_order_count(self):
        self.one.start_agent()
        self.rules(egress={"rules": [
            {"action": "deny", "to": ["10.78.0.1-10.78.0.8"], "ports": ["1-79/udp", "444-65535/tcp"]},
            {"action": "allow", "to": [PEER4]}, {"action": "deny", "to": ["10.78.0.0/24", "fd78::/64"]}]})
        self.start()
        self.assertEqual(self.one.tries_in([["tcp", PEER4, 443], ["udp", PEER4, 53], ["tcp", FAR4, 443],
                                            ["tcp", PEER6, 80], ["ping", PEER4]]),
                         [True, False, False, False, True])

    def test_fragments_are_judged_whole(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()
        self.assertEqual(self.one.tries_in([["udp", PEER4, 53, 4000], ["udp", PEER4, 54, 4000],
                                            ["udp", PEER6, 53, 4000], ["udp", PEER6, 54, 4000]]),
                         [True, False, True, False])

    def test_audit_lets_through_and_tells(self):
        self.one.start_agent()
        self.rules("audit", egress=RULES)
        self.start()
        self.assertEqual(self.one.tries_in(WORDS), [True] * len(WORDS))

        def told():
            return {(event["unmapped"]["runward"]["decision"], event["dst_endpoint"]["ip"])
                    for event in self.of_network() if event.get("dst_endpoint", {}).get("ip")}
        self.assertTrue(self.one.wait_for(lambda: {("would-deny", FAR4), ("would-deny", PEER6),
                                                   ("allowed", PEER4)} <= told()), self.of_network())
        self.assertNotIn("denied", {decision for decision, _ in told()})


class Refusals(HostNetworkTest):
    def test_without_an_agent_it_does_not_start_and_audit_says_so(self):
        self.rules(egress=RULES)
        self.assertIn("where an agent has to hold it", self.refusal())
        self.rules("audit", egress=RULES)
        self.start()
        self.assertIn(("would-deny", "network.install"),
                      [(event["unmapped"]["runward"]["decision"], event.get("status_code"))
                       for event in self.one.logged()])
        self.one.start_agent()  # which takes it in
        self.assertTrue(self.one.wait_for(lambda: len(self.one.pins()) == 1))

    def test_rules_that_cannot_be_held_are_no_policy(self):
        for rule in ({"to": ["dns:api.example.com"]}, {"to": ["profile:plain"]}, {"to": ["image:a/*"]},
                     {"to": [PEER4], "rate": "1/second"}):
            self.rules(egress={"default": "deny", "allow": [rule]})
            done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                                   "policy", "check"], capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0, done)
            self.assertIn("on the host's network", done.stdout + done.stderr)
            self.assertIn("runward refused", self.refusal())

    def test_who_could_leave_the_group_is_refused(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        groups = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                  "options": ["nosuid", "noexec", "nodev"]}
        config = json.loads((self.one.bundle / "config.json").read_text())
        spaces = config["linux"]["namespaces"]
        config["linux"]["namespaces"] = [one for one in spaces if one["type"] != "cgroup"]
        (self.one.bundle / "config.json").write_text(json.dumps(config))
        self.assertIn("could leave the control group", self.refusal(mounts=[groups]))
        for source in ("/sys/fs/cgroup", "/sys", "/"):
            shown = {"destination": "/mnt", "type": "bind", "source": source, "options": ["rbind", "ro"]}
            self.assertRegex(self.refusal(mounts=[shown]), "could leave the control group|run.mounts")

    def test_an_annotation_that_has_crun_put_it_into_another_group_is_refused(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        self.one.config(["true"])
        file = self.one.bundle / "config.json"
        config = json.loads(file.read_text())
        file.write_text(json.dumps({**config, "annotations": {"run.oci.delegate-cgroup": "x"}}))
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertIn("run.oci.delegate-cgroup", done.stderr)
        self.assertEqual(self.one.containers(), [])

    def test_what_leads_out_is_withheld(self):
        self.one.start_agent()
        self.rules(egress=RULES)
        wide = ("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN", "CAP_BPF")
        self.start(capabilities=wide)
        done = self.one.call("exec", "--cap", "CAP_SYS_ADMIN", "c1", "true")
        self.assertIn("(rule network.capabilities", done.stderr)
        out = self.one.call("exec", "c1", "grep", "CapBnd", "/proc/self/status").stdout
        self.assertEqual(int(out.split()[1], 16) & (1 << 12 | 1 << 13 | 1 << 21 | 1 << 39), 0, out)
        self.one.call("delete", "--force", "c1")
        self.rules(egress=RULES, capabilities="refuse")
        self.assertIn("NET_ADMIN, NET_RAW, SYS_ADMIN or BPF", self.refusal(capabilities=("CAP_BPF",)))


class Attacks(HostNetworkTest):
    def setUp(self):
        super().setUp()
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()

    def test_a_group_below_is_held_too(self):
        below = self.one.group() / "below"
        below.mkdir()
        with subprocess.Popen(self.one.command_in("c1", WORDS, "wait"), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as moved:
            self.assertTrue(moved.stdout.readline())
            inside = (self.one.group() / "cgroup.procs").read_text().split()
            (probing,) = [pid for pid in inside if int(pid) != self.one.pid()]
            (below / "cgroup.procs").write_text(probing)
            out, _ = moved.communicate("go\n", timeout=60)
        self.assertEqual(json.loads(out), HELD)

    def test_the_kernel_takes_nothing_away_for_it(self):
        # bpf(2): BPF_LINK_GET_FD_BY_ID, BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID, BPF_OBJ_GET.
        script = ("import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
                  "def call(command, number):\n"
                  "    attributes = ctypes.create_string_buffer(number.to_bytes(4, 'little'), 128)\n"
                  "    return libc.syscall(321, command, attributes, 128)\n"
                  "print(sum(call(c, n) >= 0 for c in (30, 13, 14) for n in range(1, 2000)))\n"
                  "import socket\n"
                  "for family, kind in ((17, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW)):\n"
                  "    try: print(bool(socket.socket(family, kind, socket.IPPROTO_RAW)))\n"
                  "    except PermissionError: print('EPERM')\n")
        done = self.one.call("exec", "c1", PYTHON, "-c", script)
        self.assertEqual(done.stdout.split(), ["0", "EPERM", "EPERM"], done)

    def test_an_agents_death_changes_nothing_and_the_next_one_goes_on(self):
        self.one.kill_agents()
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        pins = self.one.pins()
        self.one.start_agent()

        def unread():
            return [event for event in self.of_network() if "while no agent told of them" in json.dumps(event)]
        self.assertTrue(self.one.wait_for(unread), self.of_network())
        self.assertEqual(self.one.pins(), pins)
        self.assertEqual(self.one.tries_in(WORDS), HELD)

    def test_what_holds_goes_with_the_container(self):
        self.assertEqual(len(self.one.pins()), 1)
        self.assertEqual(self.one.call("delete", "--force", "c1").returncode, 0)
        self.assertTrue(self.one.wait_for(lambda: not self.one.pins()))
        self.start()
        self.one.kill_agents()
        self.assertEqual(self.one.call("delete", "--force", "c1").returncode, 0)
        self.assertEqual(len(self.one.pins()), 1)
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: not self.one.pins()))

    def test_what_is_denied_and_let_through_is_told_of(self):
        self.one.tries_in([["udp", FAR4, 53], ["tcp", FAR6, 80], ["tcp", PEER4, 443]])

        def told():
            return {(event["unmapped"]["runward"]["decision"], event["dst_endpoint"]["ip"],
                     event["dst_endpoint"]["port"], event["status_code"])
                    for event in self.of_network() if event.get("dst_endpoint", {}).get("ip")}
        expected = {("denied", FAR4, 53, "network.egress.default"), ("denied", FAR6, 80, "network.egress.default"),
                    ("allowed", PEER4, 443, "network.egress.allow[0]")}
        self.assertTrue(self.one.wait_for(lambda: expected <= told()), self.of_network())
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "report", "network"], capture_output=True, text=True, check=True)
        self.assertIn(FAR4, done.stdout)
        self.assertIn("denied", done.stdout)


if __name__ == "__main__":
    unittest.main()
