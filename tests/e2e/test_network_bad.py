"""Network rules that are wrong, much, or strange: an error with its place, and nothing half done."""

import subprocess
import unittest

import bundle
from network import Network, probe


class Bad(unittest.TestCase):
    def setUp(self):
        why = bundle.needs("/usr/sbin/runc", "/usr/sbin/ip", "/usr/sbin/nft")
        if why:
            self.skipTest(why)
        self.one = Network()
        self.addCleanup(self.one.end)

    def create(self, **config):
        self.one.config(["sleep", "1000"], **config)
        return self.one.create("c1")

    def start(self):
        code, out = self.create()
        self.assertEqual(code, 0, (out, self.one.logged()))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def ruleset(self):
        return subprocess.run(["ip", "netns", "exec", "box", "nft", "list", "ruleset"],
                              capture_output=True, text=True, check=True).stdout

    def test_what_is_wrong_is_named_with_its_place_and_nothing_starts(self):
        for peer, why in (("10.77.0.9-10.77.0.1", "ends before it begins"), ("10.77.0.1/24", "10.77.0.0/24"),
                          ("10.77.0.1-fd77::1", ""), ("10.77.0.0/33", ""), ("@nobody", "no address group"),
                          ("", ""), ("10.1", ""), ("dns:-", "")):
            with self.subTest(peer=peer):
                self.one.rules(egress={"default": "deny", "allow": [{"to": ["10.77.0.9", peer]}]})
                done = subprocess.run(
                    [bundle.BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "policy", "check"],
                    capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertRegex(done.stdout + done.stderr, r"policy\.json:1:\d+: ")
                self.assertIn(why, done.stdout + done.stderr)
                code, out = self.create()
                self.assertNotEqual(code, 0)
                self.assertIn("runward refused", out)
                self.assertEqual(self.ruleset(), "")
                self.assertEqual(self.one.containers(), [])

    def test_overlaps_duplicates_and_everything_are_merged(self):
        self.one.rules(egress={"default": "deny", "deny": [{"to": ["10.77.0.9", "10.77.0.8/30", "10.77.0.9/32"]}],
                               "allow": [{"to": ["0.0.0.0/0", "10.77.0.0/24", "10.77.0.1", "10.77.0.1",
                                                 "10.0.0.0-10.255.255.255", "255.255.255.255"]}]})
        self.start()
        self.assertEqual(probe([["tcp", "10.77.0.1", 80], ["tcp", "10.77.0.9", 80], ["tcp", "fd77::1", 80]], "box",
                               together=True), [True, False, False])
        self.one.call("delete", "--force", "c1")
        subprocess.run(["ip", "netns", "exec", "box", "nft", "flush", "ruleset"], check=True)
        self.one.rules(egress={"default": "deny", "allow": [{"to": ["::/0", "fd77::/64", "ffff::"]}]})
        self.start()
        self.assertEqual(probe([["tcp", "10.77.0.1", 80], ["tcp", "fd77::9", 80]], "box", together=True),
                         [False, True])

    def test_a_hundred_thousand_entries_hold(self):
        many = [f"{20 + i // 32768}.{i // 128 % 256}.{i % 128 * 2}.1" for i in range(100_000)]
        self.one.rules(egress={"default": "deny", "allow": [{"to": [*many, "10.77.0.1"]}]})
        self.start()
        self.assertEqual(probe([["tcp", "10.77.0.1", 80], ["tcp", "10.77.0.9", 80]], "box", together=True),
                         [True, False])

    def test_a_network_that_is_gone_is_an_error_and_leaves_nothing(self):
        self.one.rules(egress={"default": "deny"})
        code, out = self.create(joins="/run/netns/gone")
        self.assertNotEqual(code, 0)
        self.assertIn("or one that cannot be looked at", out)
        self.assertEqual((self.one.containers(), self.ruleset()), ([], ""))
        # One whose name goes while the container has it stays with the container, rules and all.
        self.start()
        subprocess.run(["ip", "netns", "del", "box"], check=True)
        pid = self.one.real("state", "c1").stdout.split('"pid": ')[1].split(",")[0]
        inside = ["nsenter", "-t", pid, "-n", "nft", "list", "ruleset"]
        self.assertIn("table inet runward_", subprocess.run(inside, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    unittest.main()
