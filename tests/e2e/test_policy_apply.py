"""`runwardctl policy apply`: running containers come to changed network rules, with real traffic."""

import json
import os
import signal
import socket
import subprocess
import sys
import unittest

import bundle
from network import Network, probe

DENY = {"default": "deny"}
TO_PEER = {"default": "deny", "allow": [{"to": ["10.77.0.1", "fd77::1"]}]}
# Keeps one TCP connection and one UDP exchange open; for each line that it reads it says which of
# them still gets an answer.
HOLDER = """
import socket, sys
tcp = socket.create_connection(("10.77.0.1", 700), timeout=2)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect(("10.77.0.1", 700)); udp.settimeout(1); tcp.settimeout(1)
def asks(s):
    try:
        s.send(b"x"); return s.recv(1) == b"x"
    except OSError:
        return False
print(asks(tcp), asks(udp), flush=True)
for line in sys.stdin: print(asks(tcp), asks(udp), flush=True)
"""
ECHO = """
import socket, threading
def tcp():
    s = socket.create_server(("10.77.0.1", 700))
    while True:
        c, _ = s.accept()
        threading.Thread(target=lambda: [c.send(d) for d in iter(lambda: c.recv(1), b"")]).start()
def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.77.0.1", 700))
    while True:
        d, a = s.recvfrom(9); s.sendto(d, a)
for f in (tcp, udp): threading.Thread(target=f).start()
print("ready", flush=True)
"""


class PolicyApplyTest(unittest.TestCase):
    agent = False

    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)
        if self.agent:
            self.start_agent()

    def start_agent(self):
        agent = subprocess.Popen([bundle.BUILD / "bin" / "runward-agent", f"--runward-root={self.one.root}"])
        self.addCleanup(self.end, agent)
        for _ in range(200):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
                try:
                    client.connect(str(self.one.root / "run" / "agent.sock"))
                    return agent
                except OSError:
                    signal.sigtimedwait([], 0.1)
        raise AssertionError("the agent does not start")

    @staticmethod
    def end(process):
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def start(self, name="c1", **config):
        self.one.config(["sleep", "1000"], **config)
        code, out = self.one.create(name)
        self.assertEqual(code, 0, out)
        self.assertEqual(self.one.call("start", name).returncode, 0)

    def apply(self, *words, code=0):
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "policy", "apply", "--json", *words],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done)
        return json.loads(done.stdout)

    def spawn(self, script, space):
        # As little as the container's own processes have: who has more there is told of.
        child = subprocess.Popen(["ip", "netns", "exec", space, "setpriv",
                                  "--bounding-set=-net_admin,-net_raw", sys.executable, "-u", "-c", script],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, child)
        return child, child.stdout.readline().strip()

    def passes(self, *tries):
        return probe(list(tries), "box")

    def test_changed_rules_hold_at_once_and_are_told_of(self):
        self.one.rules(egress=TO_PEER)
        self.start()
        tries = (["tcp", "10.77.0.1", 80], ["tcp", "fd77::1", 80], ["tcp", "10.77.0.9", 80])
        self.assertEqual(self.passes(*tries), [True, True, False])
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.9"]}]})
        (told,) = self.apply("--dry-run")
        self.assertEqual(told["result"], "would change")
        self.assertEqual(self.passes(*tries), [True, True, False])
        (told,) = self.apply()
        self.assertEqual((told["container"], told["result"]), ("c1", "changed"))
        self.assertEqual(told["changes"], ['- egress.allow {"to":["10.77.0.1","fd77::1"]}',
                                           '+ egress.allow {"to":["10.77.0.9"]}'])
        self.assertEqual(self.passes(*tries), [False, False, True])
        (told,) = self.apply()
        self.assertEqual((told["result"], told["changes"]), ("unchanged", []))
        events = [event for event in self.one.events() if "network.apply" in json.dumps(event)]
        self.assertEqual(len(events), 1)
        self.assertIn("10.77.0.9", events[0]["status_detail"])
        # What is left of it: nothing beside the record, which has the new rules.
        (place,) = (self.one.root / "run" / "containers").iterdir()
        self.assertEqual({path.name for path in place.iterdir()}, {"plan.json", "network.json"})
        self.assertIn("10.77.0.9", (place / "plan.json").read_text())

    def test_no_packet_meets_a_container_without_rules(self):
        self.one.rules(egress=TO_PEER)
        self.start()
        flood = ("import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\nprint('on')\n"
                 "while True:\n try: s.sendto(b'x',('10.77.0.9',54))\n except OSError: pass")
        count = "import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.bind(('10.77.0.9',5454))\nprint('on')\ninput()\ns.setblocking(False)\ntry: print(len(s.recv(9)))\nexcept OSError: print(0)"
        listener, _ = self.spawn(count, "peer")
        self.spawn(flood.replace("54)", "5454)"), "box")
        for number in range(12):
            self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.1"], "ports": [str(100 + number)]}]})
            self.assertEqual(self.apply()[0]["result"], "changed")
        listener.stdin.write("\n")
        listener.stdin.flush()
        self.assertEqual(listener.stdout.readline().strip(), "0")

    def change_under_connections(self, word):
        """Denies what two open connections are to; what was told, and which of them go on."""
        self.spawn(ECHO, "peer")
        self.one.rules(egress=TO_PEER, onChange=word)
        self.start()
        holder, first = self.spawn(HOLDER, "box")
        self.assertEqual(first, "True True")
        self.one.rules(egress=DENY, onChange=word)
        (told,) = self.apply()
        holder.stdin.write("\n")
        holder.stdin.flush()
        going_on = holder.stdout.readline().strip()
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [False])
        return told["connections_kept"], told["connections_cut"], going_on

    def test_open_connections_are_kept_where_the_policy_says_so(self):
        self.assertEqual(self.change_under_connections("keep"), (2, 0, "True True"))

    def test_open_connections_are_cut_where_the_policy_says_so(self):
        self.assertEqual(self.change_under_connections("cut"), (0, 2, "False False"))

    def test_what_is_still_allowed_is_not_cut(self):
        self.spawn(ECHO, "peer")
        self.one.rules(egress=TO_PEER, onChange="cut")
        self.start()
        holder, _ = self.spawn(HOLDER, "box")
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.1"], "ports": ["700/tcp"]}]},
                       onChange="cut")
        self.assertEqual(self.apply()[0]["connections_cut"], 1)
        holder.stdin.write("\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline().strip(), "True False")

    def test_rules_are_given_to_a_container_without_and_taken_away(self):
        bare = {"version": 1, "trust": [], "profiles": [
            {"name": "plain", "match": {"rootfs": [str(self.one.bundle / "rootfs")]}}]}
        (self.one.root / "policy.json").write_text(json.dumps(bare))
        self.start(capabilities=["CAP_NET_RAW"])
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])
        self.one.rules(egress=DENY)
        (told,) = self.apply(code=2)
        self.assertEqual(told["result"], "changed")
        self.assertIn("NET_RAW", told["why"])
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [False])
        (self.one.root / "policy.json").write_text(json.dumps(bare))
        (told,) = self.apply()
        self.assertEqual(told["changes"][0], "- all network rules")
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])
        listed = subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "tables"],
                                capture_output=True, text=True, check=True).stdout
        self.assertEqual(listed, "")

    def test_what_is_governed_by_another_profile_is_left_alone(self):
        self.one.rules(egress=TO_PEER)
        self.start()
        text = (self.one.root / "policy.json").read_text().replace('"plain"', '"other"')
        (self.one.root / "policy.json").write_text(text)
        (told,) = self.apply(code=2)
        self.assertEqual(told["result"], "not changed")
        self.assertIn("other", told["why"])
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])

    def test_a_bad_policy_changes_nothing(self):
        self.one.rules(egress=TO_PEER)
        self.start()
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.300"]}]})
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "policy", "apply"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("10.77.0.300", done.stderr)
        self.assertEqual(self.passes(["tcp", "10.77.0.1", 80]), [True])

    def test_the_table_is_for_people(self):
        self.one.rules(egress=TO_PEER)
        self.start()
        self.one.rules(egress=DENY)
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "policy", "apply"], capture_output=True, text=True, check=True)
        self.assertRegex(done.stdout, r"CONTAINER +RESULT +CUT +KEPT +PROFILE +IMAGE\n"
                                      r"c1 +changed +0 +0 +plain .*\n    - egress.allow ")


class WithAgent(PolicyApplyTest):
    """The same by the agent, which then tells of the new rules by their names."""
    agent = True

    def test_events_name_the_new_rules(self):
        self.one.rules(egress=DENY)
        self.start()
        self.one.rules(egress={"deny": [{"to": ["10.77.0.9"]}]})
        self.assertEqual(self.apply()[0]["result"], "changed")
        self.assertEqual(self.passes(["udp", "10.77.0.9", 54], ["udp", "10.77.0.1", 54]), [False, True])
        for _ in range(100):
            rules = {event["status_code"] for event in self.one.events()
                     if event.get("class_uid") == 4001}
            if "network.egress.deny[0]" in rules:
                return
            signal.sigtimedwait([], 0.1)
        self.fail(rules)


if __name__ == "__main__":
    unittest.main()
