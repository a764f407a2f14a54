"""What the tests of `verdict evaluate` share: an installation with a key and a policy, reports made here,
and the real ones beside the checkout."""

import json
import os
import pathlib
import tempfile
import unittest

from engines import RUNWARDCTL, require, run

REPORTS = pathlib.Path(__file__).resolve().parents[3] / "shared/data/reports"
NAME = "registry.example.com/web:1"
CONFIG, LAYER = "sha256:" + "c" * 64, "sha256:" + "d" * 64


def vulnerability(number, severity="HIGH", **more):
    return {"VulnerabilityID": number, "PkgName": "openssl", "InstalledVersion": "1.1",
            "PkgIdentifier": {"PURL": "pkg:deb/debian/openssl@1.1?arch=amd64"},
            "Severity": severity, **more}


def trivy(*vulnerabilities, **more):
    """A report of Trivy's on an image with those vulnerabilities."""
    return {"SchemaVersion": 2, "CreatedAt": "2026-11-20T10:00:00Z", "ArtifactName": NAME,
            "ArtifactType": "container_image",
            "Metadata": {"OS": {"Family": "debian", "Name": "12"}, "ImageID": CONFIG,
                         "DiffIDs": [LAYER]},
            "Results": [{"Target": "debian", "Class": "os-pkgs", "Type": "debian",
                         "Vulnerabilities": list(vulnerabilities)}], **more}


class EvaluateTest(unittest.TestCase):
    def setUp(self):
        require(RUNWARDCTL)
        self.home = self.enterContext(tempfile.TemporaryDirectory(dir="/run"))
        os.chmod(self.home, 0o755)
        run(RUNWARDCTL, "verdict", "keygen", "--out", f"{self.home}/ci")
        self.key = f"{self.home}/ci.key"
        self.policy()

    def policy(self, **image):
        image = image or {"vulnerabilities": {"fail": "high", "warn": "low"}}
        self.file("policy.json", {
            "version": 1, "trust": [{"name": "ci", "key": "ci.pub", "images": ["*"]}],
            "profiles": [{"name": "all", "match": {}, "mode": "enforce", "image": image}]})

    def file(self, name, content):
        path = pathlib.Path(self.home, name)
        path.parent.mkdir(exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def ctl(self, *words, code=0, **options):
        done = run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", *words, check=False,
                   **options)
        self.assertEqual(done.returncode, code, (done.stdout[-2000:], done.stderr[-2000:]))
        return done

    def evaluate(self, *words, code=0, **options):
        return self.ctl("evaluate", *words, code=code, **options)

    def refused(self, *words, **options):
        """The message of an evaluation that must be none: no verdict may be left behind."""
        out = f"{self.home}/refused"
        done = self.evaluate(*words, "--sign", self.key, "--out", out, code=1, **options)
        self.assertFalse(os.path.exists(out), words)
        return done.stderr
