"""Command rules under podman, with runc and with crun."""

import unittest

from engine_commands import Notified, WithAgent
from podman import PodmanTest


class Podman(WithAgent, PodmanTest):
    def exec(self, *words):
        done = self.podman("--runtime", "runward", "exec", "cc", *words)
        return done.returncode, done.stdout + done.stderr

    def test_rules_hold_for_run_exec_and_volumes(self):
        image = self.good_image()
        self.rules(deny=["nc", "wget"], drift="deny", exec={"allow": ["sh", "cat"]})
        done = self.podman("--runtime", "runward", "run", "-d", "--name", "cc", "--network", "none",
                           "-v", "/vol", image.name, "sleep", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        code, out = self.exec("sh", "-c", "cp /bin/busybox /vol/cat; /vol/cat /etc/number")
        self.assertNotEqual(code, 0, out)
        self.assert_denied(*self.exec("sh", "-c", "cp /bin/busybox /tmp/cat; /tmp/cat /etc/number"))
        self.assertEqual(self.exec("cat", "/etc/number")[0], 0)
        self.assert_denied(*self.exec("wget", "x"))
        self.assert_denied(*self.exec("ls"))
        event = self.one.events()[-1]
        self.assertEqual(event["unmapped"]["runward"]["operation"], "command")
        self.assertIn(image.name, str(event))


class Crun(Podman):
    runtime = "crun"


class PodmanNotified(Notified, Podman):
    pass


class CrunNotified(Notified, Podman):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
