"""`runwardctl doctor`: what it finds on a machine that lacks something, and that the remedy mends it."""

import json
import os
import pathlib
import shutil
import unittest

from engines import RUNWARDCTL, Engines, require, run, wait_for
from test_install import cover


class Doctor(unittest.TestCase):
    def setUp(self):
        require()
        for place in ("/etc", "/usr", "/var"):
            cover(place)
            self.addCleanup(run, "umount", "-l", place)
        for path in ("/etc/docker/daemon.json", "/etc/containerd/config.toml"):
            pathlib.Path(path).unlink(missing_ok=True)

    def ctl(self, *words):
        return run(RUNWARDCTL, *words)

    def findings(self):
        done = run(RUNWARDCTL, "doctor", "--json", check=False)
        found = {finding["id"]: finding for finding in json.loads(done.stdout)}
        problem = any(finding["severity"] == "problem" for finding in found.values())
        self.assertEqual(done.returncode, 2 if problem else 0, done)
        self.assertTrue(all(finding["what"] and finding["remedy"] for finding in found.values()))
        return found

    def test_a_bare_machine_is_mended_step_by_step(self):
        found = self.findings()
        self.assertIn("policy.missing", found)
        self.assertIn("engine.none", found)
        run("sh", "-c", found["policy.missing"]["remedy"].replace("runwardctl", RUNWARDCTL))
        self.ctl("configure", "docker")
        found = self.findings()
        self.assertNotIn("policy.missing", found)
        self.assertNotIn("engine.none", found)
        self.assertLessEqual({"policy.audit", "engine.not-default", "engine.plain-runc"}, set(found))
        self.ctl("configure", "docker", "--default", "--divert")
        found = self.findings()
        for gone in ("engine.not-default", "engine.plain-runc"):
            self.assertNotIn(gone, found)
        self.assertEqual({f for f, one in found.items() if one["severity"] == "problem"}, set())

    def test_other_runtimes_and_a_daemon_that_has_not_read_its_file(self):
        one = Engines()
        self.addCleanup(one.stop)
        one.start()
        file = pathlib.Path("/etc/docker/daemon.json")
        file.parent.mkdir(exist_ok=True)
        file.write_text('{"runtimes": {"kata": {"path": "/usr/bin/kata"}}}', encoding="utf-8")
        self.ctl("configure", "docker", "--default")
        found = self.findings()
        self.assertEqual(found["engine.not-restarted"]["remedy"], "systemctl restart docker")
        self.assertIn('"kata"', found["engine.other-runtime"]["what"])
        one.stop_docker()
        one.start_docker()
        self.assertNotIn("engine.not-restarted", self.findings())

    def test_bad_permissions_and_files(self):
        self.ctl("policy", "init")
        os.makedirs("/var/log/runward", exist_ok=True)
        os.chmod("/var/log/runward", 0o755)
        os.chmod("/etc/runward/keys", 0o777)
        pathlib.Path("/etc/containerd").mkdir(exist_ok=True)
        pathlib.Path("/etc/containerd/config.toml").write_text("version = 2\nx = [\n")
        pathlib.Path("/etc/runward/runtime.json").write_text('{"runtime": "/nonexistent"}')
        found = self.findings()
        self.assertEqual(found["files.log"]["remedy"], "chmod 0700 /var/log/runward")
        self.assertIn("/etc/runward/keys", found["files.owner"]["what"])
        self.assertIn("config.toml", found["engine.unreadable"]["what"])
        self.assertIn("/nonexistent", found["program.real-runtime"]["what"])
        pathlib.Path("/etc/runward/policy.json").write_text("{", encoding="utf-8")
        self.assertIn("policy.bad", self.findings())

    def sign(self, ends):
        """A verdict for each name, by a key that is trusted from now on."""
        self.ctl("policy", "init")
        self.ctl("verdict", "keygen", "--out", "/etc/runward/keys/ci")
        policy = pathlib.Path("/etc/runward/policy.json")
        policy.write_text(policy.read_text("utf-8").replace(
            '"trust": []', '"trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["*"]}]'))
        for number, (name, end) in enumerate(ends.items()):
            digest = f"sha256:{number:064x}"
            self.ctl("verdict", "sign", "--key", "/etc/runward/keys/ci.key", "--result", "PASSED",
                     "--name", f"r.example.com/{name}", "--config", digest, "--diff-id", digest,
                     "--expires", end, "--add")

    def test_a_verdict_that_ends_soon_is_told(self):
        self.sign({"late": "30d", "soon": "1d"})
        self.assertIn("r.example.com/soon", self.findings()["verdict.expires"]["what"])

    def test_a_verdict_that_has_ended_and_a_store_that_others_may_write(self):
        self.sign({"over": "1s"})
        wait_for("its end", lambda: "verdict.expired" in self.findings())
        self.assertIn("r.example.com/over", self.findings()["verdict.expired"]["what"])
        os.chmod("/var/lib/runward/verdicts", 0o777)
        self.assertIn("verdict.store", self.findings())

    def test_programs_that_lie_alone_and_an_agent_that_is_not_there(self):
        self.ctl("policy", "init")
        policy = pathlib.Path("/etc/runward/policy.json")
        policy.write_text(json.dumps({"version": 1, "trust": [], "profiles": [
            {"name": "all", "match": {}, "mode": "enforce", "commands": {"deny": ["nc"]}}]}))
        self.assertIn("do not start", self.findings()["commands.agent"]["what"])
        alone = pathlib.Path("/usr/alone")
        alone.mkdir()
        shutil.copy(RUNWARDCTL, alone)
        done = run(alone / "runwardctl", "doctor", "--json", check=False)
        found = {finding["id"]: finding for finding in json.loads(done.stdout)}
        for name in ("program.runward", "program.hook"):
            self.assertEqual(found[name]["remedy"], "apt install --reinstall runward")


if __name__ == "__main__":
    unittest.main()
