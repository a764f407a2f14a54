"""Checkpoint and restore: what brings memory that no verdict has seen is refused unless a profile
says otherwise. There is no checkpoint here (test_vm_restore.py makes one): the real runtime's own complaint
shows that the gate let the call through.
"""

import unittest

from bundle import BundleTest


class Restore(BundleTest):
    def restore(self):
        image = self.one.dir / "image"
        image.mkdir(exist_ok=True)
        return self.one.call("restore", "--image-path", image, "--bundle", self.one.bundle, "c1")

    def profiles(self, mode="enforce", **members):
        rootfs = str(self.one.bundle / "rootfs")
        return [{"name": "plain", "match": {"rootfs": [rootfs]}, "mode": mode, **members}]

    def assert_passed_on(self, done):
        self.assertNotEqual(done.returncode, 0, "nothing was there to restore")
        self.assertNotIn("runward refused", done.stderr)
        self.assertRegex(done.stderr, "(?i)criu|descriptors.json")

    def test_a_restore_is_refused_unless_the_profile_allows_it(self):
        self.assert_refused(self.restore(), "rule restore")
        self.one.policy(profiles=self.profiles(restore="allow"))
        self.assert_passed_on(self.restore())
        self.assertEqual(self.one.decisions(), ["denied", "allowed"])
        self.assertEqual(self.one.containers(), [])

    def test_a_root_filesystem_that_is_not_listed_is_not_restored_either(self):
        self.one.policy(rootfs=["/elsewhere"])
        self.assert_refused(self.restore(), "rule image.unidentified")

    def test_audit_tells_and_lets_it_through(self):
        self.one.policy(profiles=self.profiles(mode="audit"))
        self.assert_passed_on(self.restore())
        self.assertEqual(self.one.decisions(), ["would-deny"])

    def test_where_only_the_finished_mounts_could_tell_nothing_is_restored(self):
        volume = self.one.dir / "volume"
        (volume / "inner").mkdir(parents=True)
        mounts = self.one.configure()["mounts"]
        mounts += [{"destination": place, "type": "bind", "source": str(source),
                    "options": ["rbind"]}
                   for place, source in (("/tmp", volume), ("/tmp/inner", volume / "inner"))]
        self.one.configure(mounts=mounts)
        self.one.policy(profiles=self.profiles(restore="allow"))
        self.assert_refused(self.restore(), "rule error.root-check", "start the container anew")

    def test_a_checkpoint_is_the_records_to_allow_and_is_logged(self):
        self.one.configure(["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.one.call("start", "c1")
        done = self.one.call("checkpoint", "--image-path", self.one.dir / "x", "c1")
        self.assertNotIn("runward refused", done.stderr)
        self.assertEqual(self.one.decisions(), ["allowed", "allowed"])
        self.assertEqual(self.one.events()[-1]["unmapped"]["runward"]["operation"], "checkpoint")
        self.one.records()[0].unlink()  # as if it had started before runward came
        done = self.one.call("checkpoint", "--image-path", self.one.dir / "x", "c1")
        self.assertIn("rule container.unrecorded", done.stderr)


if __name__ == "__main__":
    unittest.main()
