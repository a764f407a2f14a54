"""`policy promote` on real containers: not before it was quiet; what was audited is then refused."""

import os
import re
import subprocess
import time
import unittest

import bundle
from bundle import BundleTest

POLICY = """{
  "version": 1, // one node
  "trust": [],
  "profiles": [
    { "name": "plain", "mode" : "enforce", "match": { "rootfs": ["%s/rootfs"] } },
    /* all the rest */
    { "name": "rest",  "mode" : "audit", "match": { } },
  ]
}
"""


class Promote(BundleTest):
    def setUp(self):
        super().setUp()
        self.file = self.one.root / "policy.json"
        self.text = POLICY % self.one.bundle
        self.file.write_text(self.text, encoding="utf-8")
        os.chmod(self.file, 0o640)
        os.chown(self.file, 0, 4)
        self.other = self.one.make_bundle("other")

    def promote(self, *words):
        ctl = [bundle.RUNWARD.parent / "runwardctl", f"--runward-root={self.one.root}"]
        return subprocess.run([*ctl, "policy", "promote", "rest", *words], text=True,
                              capture_output=True, timeout=60, check=False)

    def start(self, folder, name):
        return self.one.call("run", "--bundle", folder, name)

    def assert_kept(self):
        self.assertEqual(self.file.read_text(encoding="utf-8"), self.text)
        self.assertEqual(sorted(p.name for p in self.one.root.glob("policy.json*")),
                         ["policy.json"])

    def test_a_profile_that_would_have_denied_is_promoted_only_once_it_was_quiet(self):
        done = self.promote("--quiet", "1s")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done)
        self.assertIn("the event log is empty", done.stderr)
        self.assertEqual(self.start(self.other, "c1").returncode, 0)
        loud = self.promote("--quiet", "1h")
        self.assertEqual(loud.returncode, 2, loud)
        (event,) = self.one.events()
        self.assertIn(event["metadata"]["uid"], loud.stdout)
        self.assertIn("image.unidentified", loud.stdout)
        self.assertIn("would have denied 1 of 1 decision in the last 1h", loud.stderr)
        self.assert_kept()
        time.sleep(2.1)
        self.assertEqual(self.start(self.one.bundle, "c2").returncode, 0)
        unused = self.promote("--quiet", "2s")
        self.assertEqual(unused.returncode, 2, unused)
        self.assertIn("decided nothing in the last 2s", unused.stderr)
        self.assert_kept()
        dry = self.promote("--quiet", "2s", "--even-if-unused", "--dry-run")
        self.assertEqual(dry.returncode, 0, dry)
        self.assert_kept()
        done = self.promote("--quiet", "2s", "--even-if-unused")
        self.assertEqual(done.returncode, 0, done)
        self.assert_promoted()

    def assert_promoted(self):
        """One word is another, and the real runtime is no longer reached."""
        self.assertEqual(self.file.read_text(encoding="utf-8"),
                         re.sub('"audit"', '"enforce"', self.text))
        backup = self.one.root / "policy.json.before-promote"
        self.assertEqual(backup.read_text(encoding="utf-8"), self.text)
        for path in (self.file, backup):
            found = path.stat()
            self.assertEqual((found.st_mode & 0o777, found.st_uid, found.st_gid), (0o640, 0, 4))
        self.assertEqual(sorted(p.name for p in self.one.root.glob("policy.json*")),
                         ["policy.json", "policy.json.before-promote"])
        refused = self.start(self.other, "c3")
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn("(rule image.unidentified, profile rest", refused.stderr)
        self.assertEqual(self.start(self.one.bundle, "c4").returncode, 0)

    def test_a_log_that_was_changed_promotes_nothing(self):
        self.start(self.other, "c1")
        self.start(self.one.bundle, "c2")
        log = self.one.root / "log" / "events.jsonl"
        log.write_text(log.read_text("utf-8").replace("would-deny", "allowed", 1), "utf-8")
        time.sleep(1.1)
        done = self.promote("--quiet", "1s", "--even-if-unused")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("the event log is not intact", done.stderr)
        self.assert_kept()

    def test_many_at_once_leave_one_whole_policy(self):
        self.start(self.other, "c1")
        time.sleep(1.1)
        ctl = [bundle.RUNWARD.parent / "runwardctl", f"--runward-root={self.one.root}"]
        many = [subprocess.Popen([*ctl, "policy", "promote", "rest", "--quiet", "1s",
                                  "--even-if-unused"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for _ in range(20)]
        codes = [one.wait(timeout=60) for one in many]
        self.assertEqual(codes.count(0), 1, codes)
        self.assert_promoted()


if __name__ == "__main__":
    unittest.main()
