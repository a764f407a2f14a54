"""What the tests of the gate share: engines started once a file, a key, policies and verdicts."""

import datetime
import json
import os
import pathlib
import tempfile
import unittest

import engines
from engines import RUNWARDCTL, Engines, Image, base_layer, require, run, text_layer

BASE = "docker.io/library/"  # as docker completes a name without a registry


def minutes_ago(minutes):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class GateTest(unittest.TestCase):
    """One pair of engines a class; a policy, and no containers, at each test's start."""

    needed = ()  # programs; docker, containerd and theirs when empty
    docker_needed = True
    default_runtime = "runc"
    number = 0

    @classmethod
    def setUpClass(cls):
        require(*cls.needed)
        cls.one = cls.make_engines()
        cls.addClassCleanup(cls.one.stop)
        cls.one.start(docker=cls.docker_needed)
        os.mkdir(f"{cls.one.home}/keys")
        for name in ("ci", "other"):
            run(RUNWARDCTL, "verdict", "keygen", "--out", f"{cls.one.home}/keys/{name}")
        cls.layer = base_layer()

    @classmethod
    def make_engines(cls, **options):
        return Engines(default_runtime=cls.default_runtime, **options)

    def setUp(self):
        self.enforce()
        self.addCleanup(self.one.remove_containers)

    # Policies.

    def key(self, name="ci", images=("*",), **members):
        return {"name": name, "key": f"keys/{name}.pub", "images": list(images), **members}

    def set_policy(self, *profiles, trust=None, **members):
        self.one.policy({"version": 1, "trust": [self.key()] if trust is None else trust,
                         "profiles": list(profiles), **members})

    def enforce(self, **members):
        self.set_policy({"name": "all", "match": {}, "mode": "enforce"}, **members)

    def audit(self, **members):
        self.set_policy({"name": "all", "match": {}, "mode": "audit"}, **members)

    # Images and verdicts.

    def image(self, name=None, **config):
        """A new image in docker (or containerd), its layers like no other's."""
        GateTest.number += 1
        name = name or f"test/image-{GateTest.number}:1"
        layers = [self.layer, text_layer({"etc/number": f"{GateTest.number}\n"})]
        full = name if self.docker_needed else BASE + name
        image = Image(full, layers, **config)
        return self.one.load(image) if self.docker_needed else self.one.ctr_load(image)

    def sign(self, image, *words, result="PASSED", key="ci", name=None, expires="7d", check=True):
        """`runwardctl verdict sign --add` for an Image's layers and config."""
        diff_ids = [word for d in image.diff_ids for word in ("--diff-id", d)]
        reasons = [] if result == "PASSED" else ["--reason", "CVE-2021-44228"]
        return self.one.ctl("verdict", "sign", "--key", f"{self.one.home}/keys/{key}.key",
                            "--result", result, "--name", name or image.name,
                            "--config", image.config_digest, *diff_ids, "--expires", expires,
                            *reasons, "--add", *words, check=check)

    def good_image(self, *words, **config):
        image = self.image(**config)
        self.sign(image, *words)
        return image

    # Docker.

    def docker(self, *words, **options):
        options.setdefault("check", False)
        return self.one.docker(*words, **options)

    def docker_run(self, *words, runtime="runward"):
        return self.docker("run", "--rm", "--runtime", runtime, *words)

    def inspect(self, name, template):
        return self.one.docker("inspect", "-f", template, name).stdout.strip()

    # What must hold.

    def decision(self, rule=None, **wanted):
        """The newest event, whose rule and members of our own part are as wanted."""
        events = self.one.events()
        self.assertTrue(events, "no event was logged")
        part = events[-1]["unmapped"]["runward"]
        for key, value in wanted.items():
            self.assertEqual(part.get(key), value, events[-1])
        self.assertIn(rule, (None, events[-1]["status_code"]))
        return events[-1]

    def assert_runs(self, done, output="ok\n"):
        self.assertEqual((done.returncode, done.stdout), (0, output), done.stderr)

    def assert_told(self, text, rule):
        """A refusal as a person reads it: rule, reason, event id, the command that explains."""
        event = self.decision(decision="denied")
        uid = event["metadata"]["uid"]
        for part in ("runward refused container", f"(rule {rule}", f"event {uid})",
                     f"Explain: runwardctl --runward-root={self.one.home} report explain {uid}"):
            self.assertIn(part, text)
        return event

    def assert_docker_refuses(self, done, rule, *texts):
        self.assertEqual(done.returncode, 125, done)
        self.assertIn("docker: Error response from daemon: failed to create shim task: OCI runtime "
                      "create failed: runward refused", done.stderr)
        self.assertEqual(done.stdout, "")
        for text in texts:
            self.assertIn(text, done.stderr)
        return self.assert_told(done.stderr, rule)


__all__ = ["BASE", "GateTest", "Image", "engines", "json", "minutes_ago", "pathlib", "run",
           "tempfile", "text_layer", "unittest"]
