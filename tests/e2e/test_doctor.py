"""`runwardctl doctor`: what it finds on a machine that lacks something, and that the remedy mends it."""

import json
import os
import pathlib
import unittest

from engines import RUNWARDCTL, Engines, require, run
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

    def test_a_verdict_that_ends_soon_is_told(self):
        self.ctl("policy", "init")
        self.ctl("verdict", "keygen", "--out", "/etc/runward/keys/ci")
        policy = pathlib.Path("/etc/runward/policy.json")
        policy.write_text(policy.read_text("utf-8").replace(
            '"trust": []', '"trust": [{"name": "ci", "key": "keys/ci.pub", "images": ["*"]}]'))
        for name, ends in (("soon", "1d"), ("late", "30d")):
            digest = "sha256:" + {"soon": "a", "late": "b"}[name] * 64
            self.ctl("verdict", "sign", "--key", "/etc/runward/keys/ci.key", "--result", "PASSED",
                     "--name", f"r.example.com/{name}", "--config", digest, "--diff-id", digest,
                     "--expires", ends, "--add")
        found = self.findings()
        self.assertIn("r.example.com/soon", found["verdict.expires"]["what"])


if __name__ == "__main__":
    unittest.main()
