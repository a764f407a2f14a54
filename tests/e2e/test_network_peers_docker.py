"""Containers as peers (`image:`, `profile:`) on a real dockerd's networks."""

import pathlib
import subprocess

import engines
from commands import AGENT
from gate import GateTest, unittest

SERVE = ("sh", "-c", "while true; do echo hello | nc -l -p 80; done")


class PeersDocker(GateTest):
    default_runtime = "runc"

    def setUp(self):
        super().setUp()
        agent = subprocess.Popen([AGENT, f"--runward-root={self.one.home}"])
        self.addCleanup(lambda: (agent.terminate(), agent.wait()))
        engines.wait_for("the agent", pathlib.Path(self.one.home, "run/agent.sock").exists)
        self.db, self.web = self.good_image(name="test/db:1"), self.good_image(name="test/web:1")
        self.set_policy({"name": "db", "match": {"images": ["test/db:*"]}, "mode": "enforce"},
                        {"name": "web", "match": {"images": ["test/web:*"]}, "mode": "enforce", "network": {
                            "egress": {"default": "deny", "allow": [{"to": ["image:test/db:*"]}]}}},
                        {"name": "rest", "match": {}, "mode": "enforce"})

    def run_detached(self, name, image, *words):
        done = self.docker("run", "-d", "--name", name, "--runtime", "runward", image, *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def address(self, name, network="bridge"):
        return self.inspect(name, "{{(index .NetworkSettings.Networks \"" + network + "\").IPAddress}}").strip()

    def reaches(self, name, address):
        return self.docker("exec", name, "nc", "-w", "1", address, "80").stdout.strip() == "hello"

    def test_the_images_containers_are_let_through_and_nobody_by_a_tag(self):
        self.run_detached("web", self.web.name, "sleep", "1000")
        self.run_detached("db", self.db.name, *SERVE)
        engines.wait_for("the server", lambda: self.reaches("web", self.address("db")))
        # Another image, which the engine's user calls as the one that is let through.
        other = self.good_image(name="test/other:1")
        self.docker("tag", other.name, "test/db:2")
        self.run_detached("fake", "test/db:2", *SERVE)
        fake = self.address("fake")
        self.assertFalse(self.reaches("web", fake))
        # An ended one's address is another's.
        gone = self.address("db")
        self.docker("rm", "-f", "db", "fake")
        self.run_detached("next", "test/db:2", *SERVE)
        self.assertIn(self.address("next"), (gone, fake))
        self.assertFalse(self.reaches("web", gone))

    def test_networks_that_it_joins_and_leaves_while_it_runs(self):
        self.one.docker("network", "create", "--subnet", "10.233.0.0/24", "later")
        self.addCleanup(self.docker, "network", "rm", "later")
        self.run_detached("db", self.db.name, *SERVE)
        self.run_detached("web", self.web.name, "sleep", "1000")
        self.addCleanup(self.docker, "rm", "-f", "web", "db")
        first = self.address("db")
        engines.wait_for("the server", lambda: self.reaches("web", first))
        for name in ("db", "web"):
            self.one.docker("network", "connect", "later", name)
        self.assertFalse(self.reaches("web", self.address("db", "later")))
        self.docker("restart", "-t", "0", "db")
        engines.wait_for("the server", lambda: self.reaches("web", self.address("db", "later")))
        self.one.docker("network", "disconnect", "bridge", "db")
        engines.wait_for("it to be gone", lambda: first not in self.elements("web"))

    def elements(self, name):
        pid = self.inspect(name, "{{.State.Pid}}")
        return subprocess.run(["nsenter", "-t", pid, "-n", "nft", "list", "ruleset"],
                              capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    unittest.main()
