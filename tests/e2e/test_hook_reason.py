"""What runward-hook refuses reads as what runward refuses, also where the runtime only says that a
hook failed (crun): in the engine's own words, and in a log that a person gave."""

import json
import unittest

from bundle import BundleTest
from engine_secrets import WithVault
from gate import GateTest, pathlib
from podman import PodmanTest

RULE = "secrets.supply"


class Plain:
    """A start whose volume hides the image's root by a symlink: refused after the mounts."""

    def refuse(self, *log):
        other = self.one.make_bundle("other") / "rootfs"
        volume = self.one.dir / "volume"
        volume.mkdir()
        (other / "v").mkdir()
        for place in (volume, other / "v"):
            (place / "link").symlink_to("/")
        binds = [{"destination": to, "type": "bind", "source": str(source), "options": ["rbind"]}
                 for source, to in ((volume, "/v"), (other, "/v/link"))]
        self.one.configure(["echo", "ran"], mounts=self.one.configure()["mounts"] + binds)
        done = self.one.call(*log, "run", "--bundle", self.one.bundle, "c1")
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("ran", done.stdout)
        self.assertEqual(self.one.containers(), [])
        uid = self.one.events()[-1]["metadata"]["uid"]
        self.explain = f"Explain: runwardctl --runward-root={self.one.root} report explain {uid}"
        return done.stderr

    def test_the_person_reads_it_on_standard_error(self):
        told = self.refuse()
        self.assertIn("covers the container's root", told)
        self.assertIn(self.explain, told)

    def test_an_engines_log_ends_with_it(self):
        log = self.one.dir / "log.json"
        log.write_text('{"level":"warning","msg":"earlier","time":"now"}\n')
        self.refuse("--log", log, "--log-format", "json")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual((lines[0]["msg"], len(lines)), ("earlier", 2), lines)
        self.assertEqual(lines[-1]["level"], "error")
        self.assertIn(self.explain, lines[-1]["msg"])

    def test_a_persons_log_has_it_and_stays_the_same_file(self):
        log = self.one.dir / "log"
        log.touch()
        before = log.stat().st_ino
        self.refuse("--log", log)
        self.assertEqual(log.stat().st_ino, before)
        self.assertIn("covers the container's root", log.read_text())


class RuncPlain(Plain, BundleTest):
    pass


class CrunPlain(Plain, BundleTest):
    runtime = "crun"


class Locked(WithVault):
    """A container whose secrets are in a vault that nobody has unlocked."""

    def locked(self):
        image = self.good_image()
        self.set_policy(self.profile())
        self.vault.hide_key()
        return image.name

    def assert_reads(self, text):
        event = self.decision(decision="denied", rule=RULE)
        for part in ("runward refused container", "the vault is locked", f"(rule {RULE}",
                     f"report explain {event['metadata']['uid']}"):
            self.assertIn(part, text)


class Docker(Locked, GateTest):
    def test_docker_shows_it_under_runc_and_under_crun(self):
        for runtime in ("/usr/sbin/runc", "/usr/bin/crun"):
            with self.subTest(runtime):
                name = self.locked()
                pathlib.Path(self.one.home, "runtime.json").write_text(
                    json.dumps({"runtime": runtime}), encoding="utf-8")
                done = self.docker_run("--network", "none", name, "true")
                self.assertEqual(done.returncode, 125, done)
                self.assert_reads(done.stderr)


class Podman(Locked, PodmanTest):
    def test_podman_shows_it_with_and_without_json_logs(self):
        name = self.locked()
        for runtime in ("runward", "quiet"):
            with self.subTest(runtime):
                done = self.podman_run(name, "true", runtime=runtime)
                self.assertNotEqual(done.returncode, 0)
                self.assertNotIn("conmon bytes", done.stderr)
                self.assert_reads(done.stderr)


class PodmanCrun(Podman):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
