"""`runwardctl policy apply`: running containers on the host's network come to changed rules."""

import random
import subprocess
import time
import unittest

from host_change import COUNT, DENY, ECHO, FLOOD, HOLDER, TO_PEER, HostChangeTest
from host_network import FAR4, PEER4, PEER6


class Applied(HostChangeTest):
    def test_changed_rules_hold_at_once_and_are_told_of(self):
        self.rules(egress=TO_PEER)
        self.start()
        tries = [["tcp", PEER4, 443], ["tcp", PEER6, 443], ["tcp", FAR4, 443], ["udp", FAR4, 53]]
        self.assertEqual(self.one.tries_in(tries), [True, True, False, False])
        self.rules(egress={"default": "deny", "allow": [{"to": [FAR4], "ports": ["443/tcp"]}]})
        (told,) = self.apply("--dry-run")
        self.assertEqual(told["result"], "would change")
        self.assertEqual(self.one.tries_in(tries), [True, True, False, False])
        (told,) = self.apply()
        self.assertEqual((told["container"], told["result"]), ("c1", "changed"), told)
        self.assertEqual(told["changes"], [f'- egress.allow {{"to":["{PEER4}","{PEER6}"]}}',
                                           f'+ egress.allow {{"ports":["443/tcp"],"to":["{FAR4}"]}}'])
        self.assertNotIn("why", told)
        self.assertEqual(self.one.tries_in(tries), [False, False, True, False])
        self.assertEqual(self.one.tries(tries), [True] * 4)
        self.assertEqual(self.apply()[0]["result"], "unchanged")
        self.assertEqual(len(self.sets()), 1)
        # The agent that follows goes on with them.
        sets = self.sets()
        self.one.kill_agents()
        self.one.start_agent()
        self.assertEqual(self.sets(), sets)
        self.assertEqual(self.one.tries_in(tries), [False, False, True, False])

    def test_the_table_is_for_people(self):
        self.rules(egress=TO_PEER)
        self.start()
        self.rules(egress=DENY)
        done = subprocess.run(self.apply_words(), capture_output=True, text=True, check=True)
        self.assertRegex(done.stdout, r"CONTAINER +RESULT +CUT +KEPT +PROFILE +IMAGE\n"
                                      r"c1 +changed +0 +0 +plain .*\n    - egress.allow ")

    def change_under_connections(self, word, rules, mode="enforce"):
        """Changes the rules under two open connections; what was told, and which of them go on."""
        self.of_peer(ECHO)
        self.rules(mode, egress=TO_PEER, onChange=word)
        self.start()
        self.one.tries_in([["tcp", PEER4, 443]])  # which has ended, and is none of them
        holder, first = self.of_container(HOLDER)
        self.assertEqual(first, "True True")
        self.rules(mode, egress=rules, onChange=word)
        (told,) = self.apply()
        return told["connections_kept"], told["connections_cut"], self.ask(holder)

    def test_open_connections_are_kept_where_the_policy_says_so(self):
        self.assertEqual(self.change_under_connections("keep", DENY), (2, 0, "True True"))
        self.assertEqual(self.one.tries_in([["tcp", PEER4, 443], ["udp", PEER4, 53]]), [False, False])

    def test_open_connections_are_cut_where_the_policy_says_so(self):
        self.assertEqual(self.change_under_connections("cut", DENY), (0, 2, "False False"))

    def test_what_is_still_allowed_is_not_cut(self):
        rules = {"default": "deny", "allow": [{"to": [PEER4], "ports": ["700/tcp"]}]}
        self.assertEqual(self.change_under_connections("cut", rules), (0, 1, "True False"))

    def test_in_audit_mode_nothing_is_cut(self):
        self.assertEqual(self.change_under_connections("cut", DENY, "audit"), (0, 0, "True True"))

    def test_no_packet_meets_a_container_without_rules(self):
        self.rules(egress=TO_PEER)
        self.start()
        self.of_peer(ECHO)
        listener, _ = self.of_peer(COUNT)
        self.of_container(FLOOD)
        holder, first = self.of_container(HOLDER)
        self.assertEqual(first, "True True")
        for number in range(12):
            self.rules(egress={"default": "deny", "allow": [
                {"to": [PEER4], "ports": ["700", str(800 + number)]}]})
            self.assertEqual(self.apply()[0]["result"], "changed")
            self.assertEqual(self.ask(holder), "True True")
        self.assertEqual(self.ask(listener), "0")

    def test_an_agent_killed_amid_a_change_leaves_whole_rules_and_nothing_open(self):
        self.rules(egress=TO_PEER)
        self.start()
        listener, _ = self.of_peer(COUNT)
        self.of_container(FLOOD)
        seed = random.randrange(1 << 30)
        chance = random.Random(seed)
        for number in range(10):
            self.rules(egress={"default": "deny", "allow": [{"to": [PEER4], "ports": [str(80 if number % 2 else 443)]},
                                                            {"to": [PEER6], "ports": [str(number + 1)]}]})
            with subprocess.Popen(self.apply_words(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as told:
                time.sleep(chance.random() * 0.15)
                self.one.kill_agents()
                changed = told.wait() == 0
            self.one.start_agent()
            self.assertEqual(len(self.sets()), 1, f"seed {seed}")
            record = next((self.one.root / "run" / "containers").iterdir()) / "plan.json"
            new = f'{number + 1}\\"' in record.read_text().split(PEER6)[1]
            self.assertTrue(new or not changed, f"seed {seed}")
            self.assertEqual(self.apply()[0]["result"], "unchanged" if new else "changed", f"seed {seed}")
            self.assertEqual(self.one.tries_in([["tcp", PEER4, 80], ["tcp", PEER4, 443], ["udp", FAR4, 53]]),
                             [number % 2 == 1, number % 2 == 0, False], f"seed {seed}")
        self.assertEqual(self.ask(listener), "0", f"seed {seed}")

    def test_events_name_the_rules_that_denied(self):
        self.rules(egress=DENY)
        self.start()
        self.one.tries_in([["udp", FAR4, 53], ["udp", FAR4, 54]])
        self.rules(egress={"deny": [{"to": [FAR4], "ports": ["53"]}]})
        self.assertEqual(self.apply()[0]["result"], "changed")
        self.assertEqual(self.one.tries_in([["udp", FAR4, 53], ["udp", FAR4, 54]]), [False, True])

        def denied():
            counts = {}
            for event in self.of_network():
                if event["unmapped"]["runward"]["decision"] != "denied":
                    continue
                rule = event["status_code"]
                counts[rule] = counts.get(rule, 0) + event.get("count", 1)
            return counts
        expected = {"network.egress.default": 2, "network.egress.deny[0]": 1}
        self.assertTrue(self.one.wait_for(lambda: denied() == expected), self.of_network())


class NotApplied(HostChangeTest):
    def setUp(self):
        super().setUp()
        self.rules(egress=TO_PEER)
        self.start()

    def holds(self):
        tries = [["tcp", PEER4, 443], ["tcp", FAR4, 443]]
        self.assertEqual(self.one.tries_in(tries), [True, False])

    def test_without_an_agent_it_says_so(self):
        self.one.kill_agents()
        self.rules(egress=DENY)
        (told,) = self.apply(code=1)
        self.assertEqual(told["result"], "failed")
        self.assertIn("none runs", told["why"])
        self.assertIn("systemctl start runward-agent", told["hint"])
        self.holds()
        self.one.start_agent()
        self.assertEqual(self.apply()[0]["result"], "changed")

    def test_what_a_start_alone_brings_is_left_alone(self):
        self.one.rules(egress=DENY, hostNetwork="allow")
        (told,) = self.apply(code=2)
        self.assertEqual(told["result"], "not changed")
        self.assertIn("next start", told["why"])
        self.holds()

    def test_rules_of_too_many_addresses_leave_the_old_ones(self):
        many = [f"10.{a}.{b}.{c}" for a in range(2) for b in range(256) for c in range(0, 256, 2)]
        self.one.rules(hostNetwork="cgroup", groups=[{"name": "many", "addresses": many}],
                       egress={"default": "deny", "allow": [{"to": ["@many"]}]},
                       ingress={"default": "deny", "allow": [{"from": ["@many"]}]})
        (told,) = self.apply("--dry-run", code=2)
        self.assertEqual(told["result"], "not changed", told["why"])
        self.assertIn("65536 prefixes", told["why"])
        self.assertEqual(self.apply(code=2)[0]["result"], "not changed")
        self.holds()

    def test_who_may_leave_the_group_is_told_of(self):
        moved = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(self.kill, moved)
        (self.one.group() / "cgroup.procs").write_text(str(moved.pid))
        self.rules(egress=DENY)
        (told,) = self.apply(code=2)
        self.assertEqual(told["result"], "changed")
        self.assertIn(f"process {moved.pid} may have NET_ADMIN, NET_RAW, SYS_ADMIN or BPF", told["why"])


if __name__ == "__main__":
    unittest.main()
