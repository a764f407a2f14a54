"""Starts of containers on the host's network whose control group is not as usual: an earlier start's rules
are there, or it is frozen."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

from host_change import COUNT, TO_PEER, HostChangeTest
from host_network import FAR4, PEER4, PYTHON


class AnotherStart(HostChangeTest):
    def test_rules_of_an_earlier_start_in_the_same_group_are_never_gone_on_with(self):
        self.rules(egress=TO_PEER)
        self.start()
        group, before = self.one.group(), self.sets()
        identity = group.stat().st_ino
        # A socket of the first start, which somebody outside has.
        joins = f"open('{group}/cgroup.procs', 'w').write('0')\n"
        leaves = f"open('{group.parent}/cgroup.procs', 'w').write('0')\n"
        made = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        sends = ("print('on', flush=True)\nwhile True:\n"
                 f"  try: s.sendto(b'x', ('{FAR4}', 5454))\n  except OSError: pass\n")
        listener, _ = self.of_peer(COUNT)
        self.spawn([PYTHON, "-u", "-c", joins + made + leaves + sends])
        # Somebody below it keeps the group when the container goes.
        below = group / "below"
        below.mkdir()
        keeper = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(self.kill, keeper)
        (below / "cgroup.procs").write_text(str(keeper.pid))
        self.one.call("delete", "--force", "c1")
        self.kill(keeper)
        self.assertTrue(self.one.wait_for(lambda: not below.exists() or self.removed(below)))
        if not group.exists():
            self.skipTest("the runtime has removed the group")
        self.assertEqual(self.sets(), before)
        tries = [["tcp", PEER4, 443], ["tcp", PEER4, 80], ["tcp", FAR4, 443]]
        self.rules(egress={"default": "deny", "allow": [{"to": [FAR4], "ports": ["443/tcp"]}]})
        self.start()
        self.assertEqual(self.one.group().stat().st_ino, identity)
        self.assertEqual(self.one.tries_in(tries), [False, False, True])
        self.assertEqual(len(self.sets()), 1)
        self.assertNotEqual(self.sets(), before)
        self.assertEqual(self.ask(listener), "0")

    @staticmethod
    def removed(folder):
        try:
            os.rmdir(folder)
        except OSError:
            return False
        return True


class Proofs(HostChangeTest):
    def test_a_group_that_is_frozen_holds_nobody_else_up(self):
        script = self.one.dir / "freeze.py"
        script.write_text(f"#!{PYTHON}\nimport json, sys\nstate = json.load(sys.stdin)\n"
                          "lines = open(f\"/proc/{state['pid']}/cgroup\").read().splitlines()\n"
                          "path = next(line[3:] for line in lines if line.startswith('0::'))\n"
                          f"open('{self.unified()}' + path + '/cgroup.freeze', 'w').write('1')\n")
        script.chmod(0o755)
        self.rules(egress=TO_PEER)
        self.one.config(["true"])
        file = self.one.bundle / "config.json"
        config = json.loads(file.read_text())
        file.write_text(json.dumps({**config, "hooks": {"prestart": [{"path": str(script)}]}}))
        with subprocess.Popen(self.one.command("run", "--bundle", self.one.bundle, "frozen"),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as frozen:
            self.assertTrue(self.one.wait_for(lambda: self.one.pins() or frozen.poll() is not None))
            longest, times = 0, 0
            while frozen.poll() is None:
                before = time.monotonic()
                self.assertTrue(self.one.agent_answers())
                longest, times = max(longest, time.monotonic() - before), times + 1
                signal.sigtimedwait([], 0.02)
            out = frozen.stdout.read()
        self.assertIn("could not join the group", out)
        # The proof itself waits for a second.
        self.assertGreater(times, 5)
        self.assertLess(longest, 0.8)
        self.assertEqual(self.one.containers(), [])

    @staticmethod
    def unified():
        place = pathlib.Path("/sys/fs/cgroup/unified")
        return place if place.exists() else place.parent


if __name__ == "__main__":
    unittest.main()
