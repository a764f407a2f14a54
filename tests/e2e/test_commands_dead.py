"""Both processes of an agent that no service manager started are killed: what holds meanwhile in the tiers
that have no program in the kernel, and what holds again afterwards. The others are in test_commands.py."""

import unittest

import test_commands_ways
from test_commands import BUILD, DENIED

# A shell that executes one thing whenever a file is there, and says how that ended.
WAITING = """/bin/busybox mkfifo /tmp/f
for turn in 1 2; do
  while [ ! -e /tmp/$turn ]; do read -t 1 x <>/tmp/f; done
  /opt/echo it ran; echo turn $turn: $?
done; while :; do read -t 9 x <>/tmp/f; done"""


class Dead(test_commands_ways.Entered):
    command = ["sh", "-c", WAITING]

    def setUp(self):
        super().setUp()
        if not (BUILD / "bin" / "attack").exists():
            self.skipTest("attack is not built")
        self.one.add("/attack", BUILD / "bin" / "attack")
        self.one.add("/payload", BUILD / "bin" / "attack_payload")
        self.one.remount()

    def turn(self, number):
        """What the container's own process says of its turn."""
        (self.one.bundle / "rootfs/tmp" / str(number)).touch()
        output = self.one.dir / "c1.out"
        self.assertTrue(self.one.wait_for(lambda: f"turn {number}" in output.read_text()), output.read_text())
        return output.read_text().rpartition(f"turn {number - 1}: ")[2]


class Fanotify(Dead):
    words = ("--no-bpf",)

    def test_what_only_the_agent_denies_is_open_until_it_is_back(self):
        self.begin(deny=["nc"], drift="deny")
        self.assertIn(DENIED, self.inside("/bin/nc --help"))
        self.one.kill_both()
        self.assertIn("it ran", self.turn(1))
        self.assertIn("BusyBox", self.inside("/bin/nc --help"))
        # What the container's configuration forbids stays forbidden.
        for technique in ("memfd", "execveat-empty-path", "namespace-tmpfs"):
            self.assertIn(f"{technique}: ran 0 of", self.inside(f"/attack {technique}"))
        self.assertEqual(self.one.create("c2")[0], 1)
        self.one.start_agent(*self.words)
        self.assertEqual(self.one.status()["containers"], 1)
        self.assertIn("it ran", self.turn(2))
        self.assertIn(DENIED, self.inside("/bin/nc --help"))
        self.assertIn(DENIED, self.inside("/bin/busybox cp /opt/echo /tmp/echo; /tmp/echo RAN"))


class Notify(Dead):
    words = ("--notify",)
    laxer = {"advisory": True}

    def test_nothing_is_executed_and_what_began_before_never_again(self):
        self.begin(deny=["nc"])
        self.one.kill_both()
        self.assertIn("Function not implemented", self.turn(1))
        self.assertNotEqual(self.one.call("exec", "c1", "/bin/ls", "/bin/nc").returncode, 0)
        self.assertEqual(self.one.create("c2")[0], 1)
        self.one.start_agent(*self.words)
        self.assertEqual(self.one.status()["containers"], 1)
        self.assertIn("Function not implemented", self.turn(2))
        # An exec from outside brings a listener of its own.
        self.assertEqual(self.inside("/bin/ls /bin/nc"), "/bin/nc\n")
        self.assertIn(DENIED, self.inside("/bin/nc --help"))


if __name__ == "__main__":
    unittest.main()
