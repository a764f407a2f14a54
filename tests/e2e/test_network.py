"""Network rules of containers of the real runc and crun, over TCP, UDP and ICMP, IPv4 and IPv6."""

import json
import pathlib
import subprocess
import unittest

import bundle
import network
from network import Network, probe

DENY = {"default": "deny"}
NET_ADMIN, NET_RAW = 1 << 12, 1 << 13


class NetworkTest(unittest.TestCase):
    runtime = "runc"

    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft",
                           *(["/usr/bin/crun"] if self.runtime == "crun" else []))
        if why:
            self.skipTest(why)
        self.one = Network(self.runtime)
        self.addCleanup(self.one.end)
        self.one.bundle.joinpath("rootfs/bin/nc").symlink_to("busybox")

    def sh(self, script, check=0, **config):
        self.one.config(["sh", "-c", script], **config)
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, check, done)
        return done.stdout + done.stderr

    def start(self, **config):
        self.one.config(["sleep", "1000"], **config)
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def restart(self, *rules, **named):
        if self.one.containers():
            self.one.call("delete", "--force", "c1")
        self.one.rules(*rules, **named)
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.start()

    def assert_passes(self, expected):
        """Tries, each with whether it is to pass."""
        tries = [words for words, _ in expected]
        self.assertEqual(probe(tries, "box"), [passes for _, passes in expected], tries)


class Rules(NetworkTest):
    def test_the_first_packet_of_the_first_process_meets_the_rules(self):
        self.one.rules(egress={"default": "deny",
                               "allow": [{"to": ["10.77.0.1"], "ports": ["443/tcp"]}]})
        out = self.sh("exec 2>/dev/null; nc -w 2 10.77.0.1 443 </dev/null; echo; "
                      "nc -w 1 10.77.0.1 80 </dev/null || echo no80; "
                      "nc -w 1 10.77.0.9 443 </dev/null || echo no9")
        self.assertEqual(out, "hello\nno80\nno9\n", self.one.logged())

    def test_addresses_ports_and_protocols_of_both_families(self):
        self.restart(egress={"default": "deny", "allow": [
            {"to": ["10.77.0.1", "fd77::1"], "ports": ["443/tcp", "53/udp"]},
            {"to": ["@near"], "icmp": ["echo-request"]}]},
            groups=[{"name": "near", "addresses": ["10.77.0.9", "fd77::9/128"]}])
        self.assert_passes([
            (["tcp", "10.77.0.1", 443], True), (["tcp", "fd77::1", 443], True),
            (["tcp", "10.77.0.1", 80], False), (["tcp", "fd77::1", 80], False),
            (["tcp", "10.77.0.9", 443], False), (["tcp", "fd77::9", 443], False),
            (["udp", "10.77.0.1", 53], True), (["udp", "fd77::1", 53], True),
            (["udp", "10.77.0.1", 54], False), (["udp", "fd77::1", 54], False),
            (["ping", "10.77.0.9"], True), (["ping", "fd77::9"], True),
            (["ping", "10.77.0.1"], False), (["ping", "fd77::1"], False)])

    def test_what_is_denied_is_denied_whatever_is_allowed(self):
        self.restart(egress={"default": "deny", "deny": [{"to": ["10.77.0.9", "fd77::9"]}],
                             "allow": [{"to": ["10.77.0.0/24", "fd77::/64"]}]})
        self.assert_passes([(["tcp", "10.77.0.1", 80], True), (["tcp", "10.77.0.9", 80], False),
                            (["udp", "fd77::1", 54], True), (["udp", "fd77::9", 54], False)])

    def test_of_ordered_rules_the_first_that_fits_decides(self):
        self.restart(egress={"rules": [
            {"action": "allow", "to": ["10.77.0.9"]}, {"action": "deny", "to": ["10.77.0.0-10.77.0.255"]},
            {"action": "deny", "protocols": ["udp"]}]})
        self.assert_passes([(["tcp", "10.77.0.9", 80], True), (["tcp", "10.77.0.1", 80], False),
                            (["tcp", "fd77::1", 80], True), (["udp", "fd77::1", 54], False)])

    def test_ingress_is_held_and_answers_pass(self):
        self.restart(ingress={"default": "deny", "allow": [{"from": ["10.77.0.1"], "ports": ["443/tcp"]}]})
        server = network.serve("t443", "t80", space="box")
        self.addCleanup(network.stop, server)
        self.assertEqual(probe([["tcp", "10.77.0.2", 443], ["tcp", "10.77.0.2", 80],
                                ["tcp", "fd77::2", 443]], "peer"), [True, False, False])
        self.assert_passes([(["tcp", "10.77.0.1", 80], True), (["ping", "fd77::1"], True)])

    def test_beyond_a_rate_connections_are_denied(self):
        self.restart(egress={"default": "deny", "allow": [
            {"to": ["10.77.0.1"], "rate": "1/hour burst 2"}]})
        self.assert_passes([(["tcp", "10.77.0.1", 80], True), (["tcp", "10.77.0.1", 80], True),
                            (["tcp", "10.77.0.1", 80], False)])

    def test_fragments_and_extension_headers_go_round_nothing(self):
        self.restart(egress={"default": "deny",
                             "allow": [{"to": ["10.77.0.1", "fd77::1"], "ports": ["53/udp"]}]})
        self.assert_passes([
            (["udp", "10.77.0.1", 53, 4000], True), (["udp", "10.77.0.1", 54, 4000], False),
            (["udp", "fd77::1", 53, 4000], True), (["udp", "fd77::1", 54, 4000], False),
            (["udp", "fd77::1", 53, 4, True], True), (["udp", "fd77::1", 54, 4, True], False)])

    def test_audit_lets_through_and_counts_what_it_would_deny(self):
        self.restart("audit", egress=DENY)
        self.assert_passes([(["tcp", "10.77.0.1", 80], True), (["udp", "fd77::1", 54], True)])
        listed = subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "ruleset"],
                                capture_output=True, text=True, check=True).stdout
        self.assertIn("rw:w:e:default", listed)
        self.assertRegex(listed, r"counter packets [1-9]\d* bytes \d+ accept")
        self.assertNotIn("drop", listed)

    def test_explain_prints_what_is_installed(self):
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.0/24"], "ports": ["80"]}]})
        self.start()
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "policy", "explain", "--bundle", self.one.bundle],
                              capture_output=True, text=True, check=True).stdout
        text = done[done.index("table inet"):]
        nft = ["ip", "netns", "exec", "box", "nft"]
        installed = subprocess.run([*nft, "list", "ruleset"], capture_output=True, text=True, check=True).stdout
        subprocess.run([*nft, "flush", "ruleset"], check=True)
        subprocess.run([*nft, "-f", "-"], input=text, text=True, check=True)
        explained = subprocess.run([*nft, "list", "ruleset"], capture_output=True, text=True, check=True).stdout

        def shape(listed):  # but for the container's own table, group and marks
            lines = [line for line in listed.splitlines() if "table" not in line]
            return [" ".join(w for w in line.split() if not w.startswith("0x"))
                    .split(" group ")[0].split(" packets ")[0] for line in lines]
        self.assertEqual(shape(installed), shape(explained))


class Attacks(NetworkTest):
    def effective(self, text):
        return int(text.split("CapBnd:")[1].split()[0], 16)

    def test_the_two_capabilities_are_withheld_at_start_and_exec(self):
        self.one.rules(egress=DENY)
        both = ("CAP_NET_ADMIN", "CAP_NET_RAW")
        out = self.sh("grep CapBnd /proc/self/status", capabilities=both)
        self.assertEqual(self.effective(out) & (NET_ADMIN | NET_RAW), 0, out)
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.start(capabilities=both)
        process = json.loads((self.one.bundle / "config.json").read_text())["process"]
        process["args"] = ["grep", "CapBnd", "/proc/self/status"]
        for names in process["capabilities"].values():
            names.extend(both)
        path = self.one.dir / "process.json"
        path.write_text(json.dumps(process))
        done = self.one.call("exec", "--process", path, "c1")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(self.effective(done.stdout) & (NET_ADMIN | NET_RAW), 0, done)
        done = self.one.call("exec", "--cap", "CAP_NET_RAW", "c1", "true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(rule network.capabilities", done.stderr)

    def test_the_policy_may_refuse_or_trust_them(self):
        both = ("CAP_NET_ADMIN", "CAP_NET_RAW")
        self.one.rules(egress=DENY, capabilities="refuse")
        self.assertIn("(rule network.capabilities", self.sh("true", 1, capabilities=both))
        self.one.rules(egress=DENY, capabilities="keep")
        out = self.sh("grep CapBnd /proc/self/status", capabilities=both)
        self.assertEqual(self.effective(out) & (NET_ADMIN | NET_RAW), NET_ADMIN | NET_RAW)

    def test_the_hosts_network_is_refused_however_it_is_asked_for(self):
        self.one.rules(egress=DENY)
        self.assertIn("(rule network.host", self.sh("true", 1, joins=None))
        self.assertIn("(rule network.host", self.sh("true", 1, joins="/proc/1/ns/net"))
        listed = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True)
        self.assertNotIn("runward", listed.stdout)
        self.one.rules(egress=DENY, hostNetwork="allow")
        self.assertEqual(self.sh("echo ok", joins=None), "ok\n")
        self.assertEqual(self.sh("echo ok", joins="/proc/1/ns/net"), "ok\n")

    def test_a_network_with_others_in_it_is_refused_without_a_control_group_to_tell_them_by(self):
        if self.runtime != "crun":
            self.skipTest("test_network_shared.py has what holds with one")
        other = subprocess.Popen(["ip", "netns", "exec", "box", "sleep", "100"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.assertTrue(self.one.wait_for(lambda: "sleep" in pathlib.Path(f"/proc/{other.pid}/comm").read_text()))
        self.one.rules(egress=DENY)
        self.sh("true", 1)
        self.assertIn("it shares the network of process", json.dumps(self.one.logged()))
        self.assertEqual(self.one.containers(), [])

    def test_a_network_of_its_own_without_any_link_starts(self):
        self.one.rules(egress=DENY)
        self.assertEqual(self.sh("echo ok", joins="new"), "ok\n")


class Events(NetworkTest):
    def of_network(self):
        return [event for event in self.one.logged()
                if event["unmapped"]["runward"]["operation"] == "network"]

    def test_what_is_denied_is_told_of_by_the_agent(self):
        agent = subprocess.Popen([bundle.BUILD / "bin" / "runward-agent",
                                  f"--runward-root={self.one.root}"], stderr=subprocess.DEVNULL)
        self.addCleanup(agent.wait)
        self.addCleanup(agent.terminate)
        self.assertTrue(self.one.wait_for((self.one.root / "run" / "agent.sock").exists))
        self.one.rules(egress={"default": "deny", "deny": [{"to": ["10.77.0.9"]}],
                               "allow": [{"to": ["10.77.0.1"], "ports": ["443/tcp"]}]})
        self.start()
        self.assert_passes([(["udp", "10.77.0.9", 53], False), (["udp", "10.77.0.1", 54], False),
                            (["tcp", "10.77.0.1", 443], True)])

        def told():
            return {(event["unmapped"]["runward"]["decision"], event["dst_endpoint"]["ip"],
                     event["dst_endpoint"]["port"], event["status_code"]): event["count"]
                    for event in self.of_network() if event["count"]}
        self.assertTrue(self.one.wait_for(lambda: len(told()) == 3), self.of_network())
        self.assertEqual(told(), {
            ("denied", "10.77.0.9", 53, "network.egress.deny[0]"): 1,
            ("denied", "10.77.0.1", 54, "network.egress.default"): 1,
            ("allowed", "10.77.0.1", 443, "network.egress.allow[0]"): 1})
        for event in self.of_network():
            self.assertEqual(event["container"]["uid"], "c1")
            self.assertIn("image", event["container"])
            self.assertEqual(event["policy"]["name"], "plain")

    def test_rules_hold_without_an_agent_and_it_is_said(self):
        self.restart(egress=DENY)
        self.assert_passes([(["tcp", "10.77.0.1", 80], False)])
        (event,) = self.of_network()
        self.assertEqual(event["status_code"], "network.agent")
        self.assertIn("no runward-agent runs", json.dumps(event))


class CrunRules(Rules):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
