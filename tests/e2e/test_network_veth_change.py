"""Rules at the cables of running containers, brought to others by policy apply."""

import json
import subprocess
import unittest

import bundle
from cable_network import FAR4, HELD, PEER4, PEER6, PYTHON, RULES, WORDS, CableTest


class Change(CableTest):
    OTHER = {"default": "deny", "allow": [{"to": [PEER4], "ports": ["80/tcp"]}]}
    TRIED = [["tcp", PEER4, 443], ["tcp", PEER4, 80], ["tcp", PEER6, 443]]

    def setUp(self):
        super().setUp()
        self.one.start_agent()
        self.rules(egress=RULES)
        self.start()

    def apply(self, *words):
        done = subprocess.run([bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "policy", "apply", *words], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def flush(self):
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)

    def test_new_rules_hold_at_the_cable_and_inside_and_counts_go_on(self):
        self.assertEqual(self.one.tries_in(self.TRIED), [True, False, True])
        self.rules(egress=self.OTHER)
        self.assertIn("+ egress.allow", self.apply("--dry-run"))
        self.assertEqual(self.one.tries_in(self.TRIED), [True, False, True])
        self.assertIn("changed", self.apply())
        self.assertEqual(self.one.tries_in(self.TRIED), [False, True, False])
        self.flush()
        self.assertEqual(self.one.tries_in(self.TRIED), [False, True, False])
        self.one.tries_in([["udp", FAR4, 67]])
        self.assertTrue(self.one.wait_for(lambda: any('"port": 67' in json.dumps(event)
                                                      for event in self.of_network())), self.of_network())
        pins = self.one.pins()
        self.one.kill_agents()
        self.one.start_agent()
        self.assertEqual(self.one.pins(), pins)
        self.assertEqual(self.one.tries_in(self.TRIED), [False, True, False])

    def test_open_conversations_are_kept_or_cut(self):
        script = ("import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(1)\n"
                  "def tried():\n    s.sendto(b'x', ('10.77.0.1', 53))\n    try: return s.recv(9) == b'hello'\n"
                  "    except TimeoutError: return False\n    except OSError: return False\n"
                  "for line in sys.stdin: print(tried(), flush=True)\n")
        with subprocess.Popen(self.one.command("exec", "c1", PYTHON, "-c", script), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as open_one:
            def tried():
                open_one.stdin.write("\n")
                open_one.stdin.flush()
                return open_one.stdout.readline().strip()
            self.assertEqual(tried(), "True")
            self.rules(egress=self.OTHER)
            self.assertRegex(self.apply(), r"changed +0 +1 ")
            self.assertEqual(tried(), "True")
            self.assertEqual(self.one.tries_in([["udp", PEER4, 53]]), [False])
            self.rules(egress={**self.OTHER, "deny": [{"to": [FAR4]}]}, onChange="cut")
            self.assertRegex(self.apply(), r"changed +1 +0 ")
            self.flush()
            self.assertEqual(tried(), "False")
            open_one.stdin.close()

    def test_half_a_change_is_made_whole_by_the_next_agent(self):
        # As if the agent had been killed before the record was written anew, and with the cable half changed.
        record = next((self.one.root / "run" / "containers").glob("*/plan.json"))
        before = record.read_text()
        self.rules(egress=self.OTHER)
        self.assertIn("changed", self.apply())
        self.one.kill_agents()
        record.write_text(before)
        subprocess.run(["tc", "filter", "del", "dev", "hv0", "egress"], check=True)
        self.one.start_agent()
        self.assertTrue(self.one.wait_for(lambda: self.one.filters() == ["runward_out", "runward_in"]))
        self.flush()
        self.assertEqual(self.one.tries_in(WORDS), HELD)
        (folder,) = self.one.pins()
        self.assertEqual(len([path for path in (self.one.root / "run" / "bpf-veth" / folder).iterdir()]), 1)

    def test_without_an_agent_and_to_another_word_nothing_changes_and_that_is_said(self):
        self.one.rules(capabilities="withhold", egress=self.OTHER)
        self.assertIn("start the container again", self.apply())
        self.rules(egress=self.OTHER)
        self.one.kill_agents()
        self.assertIn("systemctl start runward-agent", self.apply())
        self.assertEqual(self.one.tries_in(self.TRIED), [True, False, True])

    def test_one_that_was_started_without_it_does_not_come_to_it(self):
        self.one.call("delete", "--force", "c1")
        self.one.rules(capabilities="withhold", egress=RULES)
        self.start("c2")
        self.rules(egress=RULES)
        self.assertIn("start the container again", self.apply())


if __name__ == "__main__":
    unittest.main()
