"""Files that decide, damaged in every way: each gives a clear refusal, quickly, and never a start
that skipped the gate. Bundles by hand on the roots that real engines mounted, so that each try is
one call.
"""

import json
import os
import pathlib
import subprocess
import time

from damage import CONTENTS, PLACES, damaged
from engines import RUNWARD, wait_for
from gate import GateTest, unittest

SECONDS = 10  # a refusal takes milliseconds; this is for a loaded machine
TRIES = [*CONTENTS, *PLACES]


class Files(GateTest):
    def bundle(self, name, rootfs):
        """A bundle on a root filesystem that an engine mounted."""
        path = pathlib.Path(self.one.dir, name)
        path.mkdir()
        subprocess.run(["runc", "spec"], cwd=path, check=True)
        config = json.loads((path / "config.json").read_text())
        config["process"].update(terminal=False, args=["echo", "ok"])
        config["root"] = {"path": rootfs, "readonly": True}
        (path / "config.json").write_text(json.dumps(config))
        return path

    def start(self, bundle, container):
        begin = time.monotonic()
        done = subprocess.run(
            [RUNWARD, f"--runward-root={self.one.home}", "--root", f"{self.one.dir}/state", "run",
             "--bundle", str(bundle), container], capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=60)
        self.assertLess(time.monotonic() - begin, SECONDS, "it waits")
        return done

    def refused(self, done, *texts):
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertTrue(done.stderr.startswith("runward refused container"), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertLess(len(done.stderr), 2000, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)

    def try_all(self, path, good, bad, harmless=()):
        """Each damage to `path`: the bad bundle is refused, and so is the good one, unless the
        damage is harmless."""
        for way in TRIES:
            self.try_one(path, way, good, bad, harmless)
        self.assert_runs(self.start(*good))

    def try_one(self, path, way, good, bad, harmless=()):
        with self.subTest(f"{path} {way}"), damaged(path, way):
            if bad:
                self.refused(self.start(*bad))
            done = self.start(*good)
            if way in harmless and done.returncode == 0:
                self.assert_runs(done)
            else:
                self.refused(done)


class Installation(Files):
    """The policy, a key, a verdict, and what names the real runtime."""

    docker_needed = False

    def setUp(self):
        super().setUp()
        image = self.good_image()
        self.one.ctr_run("-d", image.name, "base", "sleep", "1000", runtime="runc", check=True)
        self.image = image
        self.rootfs = (f"{self.one.dir}/containerd-state/io.containerd.runtime.v2.task/"
                       f"{self.one.name}/base/rootfs")
        name = f"bundle-{self._testMethodName[-20:]}"
        self.good = (self.bundle(name, self.rootfs), "base")
        self.assert_runs(self.start(*self.good))

    def test_the_policy(self):
        self.try_all(pathlib.Path(self.one.home, "policy.json"), self.good, None)

    def test_a_large_policy_and_what_is_known_of_it(self):
        profiles = [{"name": f"p{n}", "match": {"images": [f"registry.example.com/{n}/*"]}}
                    for n in range(500)]
        self.set_policy(*profiles, {"name": "all", "match": {}, "mode": "enforce"})
        cache = pathlib.Path(self.one.home, "run", "policy.cache")

        def known():
            self.assert_runs(self.start(*self.good))
            return cache.exists()

        wait_for("what is known of the policy", known)
        # It only saves time: whatever lies there, the policy's own text decides.
        for way in TRIES:
            with self.subTest(way):
                if not cache.exists():
                    self.assert_runs(self.start(*self.good))
                with damaged(cache, way):
                    self.assert_runs(self.start(*self.good))
                    if cache.is_dir():
                        continue
                    cache.unlink(missing_ok=True)
                    cache.touch()
        self.try_all(pathlib.Path(self.one.home, "policy.json"), self.good, None)

    def test_a_key(self):
        # PEM allows text around the key.
        self.try_all(pathlib.Path(self.one.home, "keys/ci.pub"), self.good, None,
                     harmless=("not UTF-8", "deeply nested", "with a key twice"))

    def test_a_verdict(self):
        # One file for each of the image's names: its chain and its configuration.
        store = pathlib.Path(self.one.home, "verdicts/sha256")
        chain, config = (next(store.glob(f"{digest.partition(':')[2]}*"))
                         for digest in (self.image.chain, self.image.config_digest))
        for way in TRIES:
            with damaged(chain, way):
                self.try_one(config, way, self.good, None)
        self.assert_runs(self.start(*self.good))

    def test_the_file_that_names_the_real_runtime(self):
        path = pathlib.Path(self.one.home, "runtime.json")
        path.write_text(json.dumps({"runtime": "/usr/sbin/runc"}))
        self.addCleanup(path.unlink)
        # Without it, the first of the fixed list is the same runc.
        self.try_all(path, self.good, None, harmless=("missing",))

    def test_the_database_of_a_containerd(self):
        root = pathlib.Path(self.one.dir, "containerd")
        other = self.image_of_none()
        self.one._end(self.one.started[0])
        self.addCleanup(self.one._start_containerd)
        for name in ("io.containerd.metadata.v1.bolt/meta.db",
                     "io.containerd.snapshotter.v1.overlayfs/metadata.db"):
            self.assertTrue((root / name).is_file())
            self.try_all(root / name, self.good, other,
                         harmless=("not UTF-8", "of 100 MB", "with another case", "with a key twice",
                                   "a symlink"))

    def image_of_none(self):
        """A second container, whose image has no verdict."""
        self.one.ctr_run("-d", GateTest.image(self).name, "bad", "sleep", "1000",
                         runtime="runc", check=True)
        return self.bundle("bundle-bad", self.rootfs.replace("/base/", "/bad/")), "bad"


class Docker(Files):
    """The store from which Docker's image is known."""

    def test_each_file_of_the_store(self):
        good = self.container(self.good_image())
        bad = self.container(self.image())
        self.assert_runs(self.start(*good))
        data = pathlib.Path(self.one.data_root)
        layers = data / "image/overlay2/layerdb"
        config = self.inspect(good[1], "{{.Image}}").partition(":")[2]
        chain = (layers / "mounts" / good[1] / "parent").read_text().partition(":")[2]
        # Files that only have to agree where they are there; the rest is found without them. Where
        # the image's configuration is missing, the verdict for its chain decides.
        harmless_in = {data / "containers" / good[1] / "config.v2.json": TRIES,
                    layers / "mounts" / good[1] / "parent": TRIES,
                    layers / "mounts" / good[1] / "mount-id": TRIES}
        harmless_in[data / "image/overlay2/imagedb/content/sha256" / config] = ("missing",)
        for name in ("diff", "cache-id", "parent"):  # no JSON: there is no key to double
            harmless_in[layers / "sha256" / chain / name] = ("with a key twice",)
        for path, harmless in harmless_in.items():
            self.assertTrue(path.is_file(), path)
            self.try_all(path, good, bad, harmless)

    def container(self, image):
        name = self.one.docker("run", "-d", "--runtime", "runc", image.name, "sleep",
                               "1000").stdout.strip()
        return self.bundle(f"bundle-{name[:8]}",
                           self.inspect(name, "{{.GraphDriver.Data.MergedDir}}")), name

    def test_a_store_under_a_directory_that_others_may_write(self):
        good = self.container(self.good_image())
        data = pathlib.Path(self.one.data_root)
        for place in (data / "image/overlay2/layerdb", data / "overlay2", data):
            mode = place.stat().st_mode & 0o7777
            self.addCleanup(place.chmod, mode)
            place.chmod(0o777)
            self.refused(self.start(*good))
            place.chmod(mode)
            os.chown(place, 65534, 65534)
            self.refused(self.start(*good))
            os.chown(place, 0, 0)
            self.assert_runs(self.start(*good))

    def test_a_second_name_of_a_file_changes_nothing(self):
        good = self.container(self.good_image())
        data = pathlib.Path(self.one.data_root)
        chain = (data / "image/overlay2/layerdb/mounts" / good[1] / "parent").read_text()
        file = data / "image/overlay2/layerdb/sha256" / chain.partition(":")[2] / "diff"
        link = file.with_name("second-name")
        link.hardlink_to(file)
        self.addCleanup(link.unlink)
        self.assert_runs(self.start(*good))


if __name__ == "__main__":
    unittest.main()
