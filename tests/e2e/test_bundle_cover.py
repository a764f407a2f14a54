"""Attacks on what a plain bundle's root will be: mounts, links and whoever else could change it."""

import json
import os
import shutil
import subprocess
import unittest

from bundle import BUILD, BundleTest


class Covered(BundleTest):
    """What would put another filesystem in the place of the one that is judged."""

    def mounts(self, *added):
        return self.one.configure(["echo", "ran"])["mounts"] + list(added)

    def run_with(self, **changes):
        self.one.configure(["echo", "ran"], **changes)
        return self.one.call("run", "--bundle", self.one.bundle, "c1")

    def bind(self, source, destination):
        return {"destination": destination, "type": "bind", "source": str(source),
                "options": ["rbind"]}

    def test_a_mount_over_the_root(self):
        other = self.one.make_bundle("other") / "rootfs"
        (self.one.bundle / "rootfs" / "link").symlink_to("/")
        for destination in ("/", "", "/..", "/proc/..", "/link", "//link/./"):
            with self.subTest(destination):
                done = self.run_with(mounts=self.mounts(self.bind(other, destination)))
                self.assert_refused(done, "rule image.unidentified", "covers the image's root")

    def test_a_root_whose_words_lead_elsewhere_than_its_links(self):
        self.one.make_bundle("evil")
        (self.one.bundle / "rootfs" / "link").symlink_to("/")
        (self.one.dir / "way").symlink_to(self.one.bundle / "rootfs")
        (self.one.dir / "evil" / "link").symlink_to(self.one.bundle / "rootfs")
        for path in ("../evil/link/../rootfs", "rootfs/link/../rootfs", "../way", "../way/."):
            with self.subTest(path):
                done = self.run_with(root={"path": path})
                self.assert_refused(done, "rule image.unidentified")
        self.assertEqual(self.run_with(root={"path": "../bundle/./rootfs"}).stdout, "ran\n")

    def test_a_volume_whose_symlink_takes_the_place_of_the_images(self):
        """The image's /var/run is a symlink, and so the next mount's way is not what it seems."""
        other = self.one.make_bundle("other") / "rootfs"
        rootfs = self.one.bundle / "rootfs"
        (rootfs / "var").mkdir()
        (rootfs / "run").mkdir()
        (rootfs / "var" / "run").symlink_to("/run")
        (rootfs / "q").symlink_to("x/link/../v")
        volume = self.one.dir / "volume"
        (volume / "zz").mkdir(parents=True)
        (volume / "run").symlink_to("/")
        (volume / "s").symlink_to("/")
        for name in ("proc", "var", "run"):
            (other / name).mkdir(exist_ok=True)
        tmpfs = {"type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]}
        cases = {
            "links": [self.bind(volume, "/var"), self.bind(other, "/var/run")],
            "hidden": [{**tmpfs, "destination": "/x"}, {**tmpfs, "destination": "/x/link"},
                       self.bind(volume, "/x/v"), self.bind(other, "/q/s")],
        }
        for name, mounts in cases.items():
            with self.subTest(name):
                (other / "bin" / "echo").unlink(missing_ok=True)
                (other / "bin" / "echo").write_text("#!/bin/sh\nprintf 'evil\\n'\n")
                (other / "bin" / "echo").chmod(0o755)
                done = self.run_with(mounts=self.mounts(*mounts))
                self.assertNotIn("evil", done.stdout)
                self.assertNotEqual((done.returncode, done.stdout), (0, "evil\n"), done)
                if done.returncode == 0:  # it ran in the root that was judged
                    self.assertEqual(done.stdout, "ran\n")

    def test_another_mount_namespace_or_none(self):
        linux = self.one.configure()["linux"]
        rest = [entry for entry in linux["namespaces"] if entry["type"] != "mount"]
        for entries in (rest, rest + [{"type": "mount", "path": "/proc/1/ns/mnt"}]):
            done = self.run_with(linux={**linux, "namespaces": entries})
            self.assert_refused(done, "mount namespace")

    def test_a_symlink_planted_in_a_volume(self):
        other = self.one.make_bundle("other") / "rootfs"
        volume = self.one.dir / "volume"
        volume.mkdir()
        (volume / "link").symlink_to("/")
        (other / "v").mkdir()
        (other / "v" / "link").symlink_to("/")  # runc looks whether its way is still there
        done = self.run_with(mounts=self.mounts(self.bind(volume, "/v"), self.bind(other, "/v/link")))
        self.assertNotIn("ran", done.stdout)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("covers the container's root", done.stderr)
        self.assertEqual(self.one.containers(), [])

    def test_a_mount_through_procs_link_to_the_root(self):
        other = self.one.make_bundle("other") / "rootfs"
        done = self.run_with(mounts=self.mounts(self.bind(other, "/proc/self/root")))
        self.assertNotIn("ran", done.stdout)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.one.containers(), [])

    def test_a_volume_inside_a_volume_is_no_attack(self):
        for name in ("outer", "inner"):
            (self.one.dir / name).mkdir()
        mounts = self.mounts(self.bind(self.one.dir / "outer", "/v"),
                             self.bind(self.one.dir / "inner", "/v/w"))
        done = self.run_with(mounts=mounts)
        self.assertEqual(done.stdout, "ran\n", done.stderr)

        # Another root, under a policy that only audits: nothing is left of the check.
        rootfs = self.one.bundle / "rootfs"
        shutil.copytree(rootfs, self.one.dir / "other", symlinks=True)
        shutil.rmtree(rootfs)
        (self.one.dir / "other").rename(rootfs)
        self.assertIn("check-root", (self.one.bundle / "config.json").read_text())
        self.one.policy(mode="audit")
        done = self.run_with(mounts=mounts)
        self.assertEqual(done.stdout, "ran\n", done.stderr)
        self.assertNotIn("check-root", (self.one.bundle / "config.json").read_text())

    def test_an_old_check_goes_and_denied_system_calls_come(self):
        for name in ("outer", "inner"):
            (self.one.dir / name).mkdir()
        nested = self.mounts(self.bind(self.one.dir / "outer", "/v"),
                             self.bind(self.one.dir / "inner", "/v/w"))
        self.assertEqual(self.run_with(mounts=nested).stdout, "ran\n")
        config = self.one.bundle / "config.json"
        self.assertIn("check-root", config.read_text())
        self.one.policy(run={"syscalls": {"deny": ["sethostname"]}})
        self.assertEqual(self.run_with(mounts=nested[:-2]).stdout, "ran\n")
        self.assertNotIn("check-root", config.read_text())
        self.assertIn("sethostname", config.read_text())

    def explained(self, *words):
        command = [BUILD / "bin/runwardctl", f"--runward-root={self.one.root}", "policy", "explain",
                   "--bundle", self.one.bundle, *words]
        return subprocess.run(list(map(str, command)), text=True, capture_output=True, timeout=60,
                              check=False)

    def test_policy_explain_prints_the_configuration_that_a_create_leaves(self):
        for name in ("outer", "inner"):
            (self.one.dir / name).mkdir()
        nested = self.mounts(self.bind(self.one.dir / "outer", "/v"),
                             self.bind(self.one.dir / "inner", "/v/w"))
        plain = self.one.configure(["echo", "ran"])
        plain["process"]["env"].append("TOKEN=hidden")
        config = self.one.bundle / "config.json"
        deny = {"syscalls": {"deny": ["sethostname"]}}
        for run, mounts in ((deny, nested), (deny, nested[:-2]), (None, nested), (None, nested[:-2])):
            for mode in ("enforce", "audit"):
                with self.subTest(run=run, mounts=len(mounts), mode=mode):
                    self.one.policy(mode=mode, run=run)
                    before = json.dumps({**plain, "mounts": mounts})
                    config.write_text(before)
                    told = self.explained()
                    self.assertNotIn("hidden", told.stdout)
                    changes = bool(run or len(mounts) == len(nested))
                    self.assertEqual("\n+++ " in told.stdout, changes, told.stdout)
                    after = self.explained("--resulting").stdout
                    self.assertEqual(config.read_text(), before)
                    done = self.one.call("run", "--bundle", self.one.bundle, "c1")
                    self.assertEqual(done.stdout, "ran\n", done.stderr)
                    self.assertEqual(config.read_text(), after)
                    self.assertEqual(after != before, changes and mode == "enforce")
                    # Of what an earlier start left, too: the old check goes, and comes anew.
                    again = self.explained("--resulting").stdout
                    self.one.call("run", "--bundle", self.one.bundle, "c1")
                    self.assertEqual(config.read_text(), again)

    def test_policy_explain_gives_no_configuration_for_what_does_not_start(self):
        self.one.configure(["true"])
        (self.one.bundle / "config.json").chmod(0o666)
        done = self.explained("--resulting")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("bundle.exposed", done.stderr)
        self.assertIn("denied: bundle.exposed", self.explained().stdout)

    def test_a_read_only_bundle_that_needs_a_check_says_so(self):
        volume = self.one.dir / "volume"
        (volume / "w").mkdir(parents=True)
        mounts = self.mounts(self.bind(volume, "/tmp"), self.bind(volume, "/tmp/w"))
        self.one.configure(["echo", "ran"], mounts=mounts)
        bundle = str(self.one.bundle)
        subprocess.run(["mount", "--bind", "-o", "ro", bundle, bundle], check=True)
        try:
            done = self.one.call("run", "--bundle", bundle, "c1")
        finally:
            subprocess.run(["umount", bundle], check=True)
        self.assert_refused(done, "Read-only file system", "a bundle that it can write")

    def test_a_bundle_that_another_user_could_change(self):
        for path, rule in ((self.one.bundle / "config.json", "bundle.exposed"),
                           (self.one.bundle, "image.unidentified")):
            mode = path.stat().st_mode & 0o7777
            os.chmod(path, 0o777)
            self.assert_refused(self.run_with(), rule, f'may write "{path}"')
            os.chmod(path, mode)
        os.chown(self.one.bundle, 1234, 0)
        self.assert_refused(self.run_with(), "1234")

    def test_a_root_filesystem_below_what_another_user_could_change(self):
        os.chmod(self.one.bundle, 0o777)
        self.one.policy(mode="audit")
        self.assertEqual(self.run_with().stdout, "ran\n")
        self.assertEqual(self.one.decisions(), ["would-deny"])


if __name__ == "__main__":
    unittest.main()
