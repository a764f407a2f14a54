"""Command rules under Docker and containerd: overlay2 roots, volumes, docker exec."""

import subprocess

from commands import AGENT
from gate import GateTest, unittest


class Docker(GateTest):
    default_runtime = "runc"

    def setUp(self):
        super().setUp()
        if not AGENT.exists():
            self.skipTest("no runward-agent")
        self.agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        self.addCleanup(self.stop)

    def stop(self):
        self.one.remove_containers()
        self.agent.terminate()
        self.agent.wait(10)

    def rules(self, **rules):
        self.set_policy({"name": "all", "match": {}, "mode": "enforce", "commands": rules})

    def test_rules_hold_for_run_exec_and_volumes(self):
        image = self.good_image()
        self.rules(deny=["nc", "wget"], drift="deny", exec={"allow": ["sh", "cat"]})
        done = self.docker("run", "-d", "--name", "cc", "--runtime", "runward", "-v", "/vol",
                           image.name, "sleep", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.docker("exec", "cc", "sh", "-c", "cp /bin/busybox /vol/cat; /vol/cat /etc/number")
        self.assertNotEqual(done.returncode, 0, done)
        done = self.docker("exec", "cc", "sh", "-c", "cp /bin/busybox /tmp/cat; /tmp/cat /etc/number")
        self.assertIn("Operation not permitted", done.stderr)
        done = self.docker("exec", "cc", "cat", "/etc/number")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.docker("exec", "cc", "wget", "x")
        self.assertIn("operation not permitted", done.stderr + done.stdout)
        done = self.docker("exec", "cc", "ls")
        self.assertIn("operation not permitted", done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
