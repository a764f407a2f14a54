"""The example pipelines: their very commands, run as each system runs them, against a registry with TLS and a
password. Trivy alone is played: Debian has none; its report is of the image that is in the registry."""

import datetime
import json
import os
import pathlib
import re
import shutil

from engines import RUNWARDCTL, Image, base_layer, require, run, text_layer
from evaluation import EvaluateTest, unittest, vulnerability
from registry import PROGRAMS, Registry

try:
    import yaml
except ImportError:
    yaml = None

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples/ci"
POLICY = FOLDER.parent / "policies/scanned-image.json"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
TRIVY = """#!/bin/sh -e
[ "$1 $2 $3 $4 $5 $6 $7" = "image --format json --list-all-pkgs --scanners vuln,secret --output" ]
[ "$9" = "$IMAGE" ]
cp "$TEST_REPORT" "$8"
"""
DOCKER = """#!/bin/sh -e
[ "$1 $2 $4" = "login -u --password-stdin" ] && cat > /dev/null
"""


def steps_of(document, kind):
    """[(script, environment)] in order, with the shell that the system runs them by."""
    if kind == "github-actions":
        return ["bash", "-e"], [(step["run"], step.get("env", {}))
                                for step in document["jobs"]["verdict"]["steps"] if "run" in step]
    if kind == "gitlab-ci":
        return ["bash", "-e"], [("\n".join(document["verdict"]["script"]), {})]
    if kind == "azure-pipelines":
        return ["bash"], [(step["bash"], step.get("env", {}))
                          for step in document["jobs"][0]["steps"] if "bash" in step]
    if kind == "circleci":
        return ["bash", "-eo", "pipefail"], [(step["run"]["command"], {})
                                             for step in document["jobs"]["verdict"]["steps"]
                                             if "run" in step]
    assert kind == "tekton-task", kind
    scripts = [step["script"] for step in document["spec"]["steps"]]
    assert all(script.startswith("#!/bin/sh -e\n") for script in scripts)
    return ["sh", "-e"], [(script, {}) for script in scripts]


def jenkins_steps(text):
    """The arguments of `sh`, as Groovy reads them."""
    found = re.findall(r"\bsh (?:'''(.*?)'''|'([^'\n]*)')", text, re.DOTALL)
    return ["sh", "-xe"], [((long or short).replace("\\\\", "\\"), {}) for long, short in found]


class Pipelines(EvaluateTest):
    @classmethod
    def setUpClass(cls):
        require(RUNWARDCTL, *PROGRAMS, "mount")
        if yaml is None:
            raise unittest.SkipTest("python3-yaml is not installed")
        cls.registry = cls.enterClassContext(Registry(auth="password", tls=True))
        # libcurl trusts what the machine trusts; this cell's mounts are its own.
        run("mount", "--bind", cls.registry.ca, BUNDLE)
        cls.addClassCleanup(run, "umount", BUNDLE)
        cls.number = 0

    def setUp(self):
        super().setUp()
        self.shop = f"{self.registry.where}/shop"
        text = POLICY.read_text(encoding="utf-8").replace("registry.example.com/shop", self.shop)
        self.work = pathlib.Path(self.home, "repository")
        for place in (pathlib.Path(self.home), self.work / ".runward"):
            (place / "keys").mkdir(parents=True)
            shutil.copy(f"{self.home}/ci.pub", place / "keys/ci.pub")
            (place / "policy.json").write_text(text, encoding="utf-8")
        programs = pathlib.Path(self.home, "programs")
        programs.mkdir()
        for name, script in (("trivy", TRIVY), ("docker", DOCKER)):
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        (programs / "runwardctl").symlink_to(RUNWARDCTL)
        os.makedirs(f"{self.home}/docker")
        shutil.copy(self.registry.auth_file(), f"{self.home}/docker/config.json")
        os.chmod(f"{self.home}/docker/config.json", 0o600)
        self.env = {"PATH": f"{programs}:{os.environ['PATH']}", "DOCKER_CONFIG": f"{self.home}/docker",
                    "HOME": self.home, "GITHUB_STEP_SUMMARY": f"{self.home}/summary", "REGISTRY_USER": "carrier",
                    "REGISTRY_PASSWORD": "x", "TEST_REPORT": f"{self.home}/made.json"}

    def new_image(self):
        """What the job before has built and pushed."""
        Pipelines.number += 1
        layers = [base_layer(), text_layer({"etc/number": f"{self.number}\n"})]
        self.name = f"{self.shop}/app-{self.number}:1"
        self.image = Image(self.name, layers, User="app")
        self.registry.push(self.image, f"shop/app-{self.number}:1", oci=True)

    def scan(self, *vulnerabilities, results=None):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        packages = [{"Name": "openssl", "Version": "1.1",
                     "Identifier": {"PURL": "pkg:deb/debian/openssl@1.1"}}]
        found = [{"Target": "debian", "Class": "os-pkgs", "Type": "debian", "Packages": packages,
                  "Vulnerabilities": list(vulnerabilities)}]
        return json.dumps({
            "SchemaVersion": 2, "CreatedAt": now, "ArtifactName": self.name,
            "ArtifactType": "container_image",
            "Metadata": {"OS": {"Family": "debian", "Name": "12"},
                         "ImageID": self.image.config_digest, "DiffIDs": list(self.image.diff_ids),
                         "ImageConfig": {"config": {"User": "app"}}},
            "Results": found if results is None else results})

    def key_for(self, kind):
        """As the system hands over a secret: a file of its own, or text."""
        text = pathlib.Path(self.key).read_text(encoding="utf-8")
        if kind in ("github-actions", "circleci"):
            return text.rstrip("\n")
        file = pathlib.Path(self.home, "secret/ci.key")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600 if kind == "Jenkinsfile" else 0o644)
        return str(file)

    def expand(self, script):
        """What the system itself puts in place of its own expressions."""
        for name, value in (("$(workspaces.signing-key.path)", f"{self.home}/secret"),
                            ("$(results.verdict.path)", f"{self.home}/result")):
            script = script.replace(name, value)
        self.assertNotRegex(script, r"\$\{\{|\$\((params|workspaces|results)|<<")
        return script

    def execute(self, path):
        """The exit code of the first step that fails, or 0, and what all have said."""
        for name in ("verdict.jsonl", "report.json"):
            (self.work / name).unlink(missing_ok=True)
        text = path.read_text(encoding="utf-8")
        kind = path.stem
        shell, steps = jenkins_steps(text) if kind == "Jenkinsfile" else \
            steps_of(yaml.safe_load(text), kind)
        self.assertIn("trivy", steps[-2 if len(steps) > 1 else -1][0])
        env = {**self.env, "IMAGE": self.name, "SIGNING_KEY": self.key_for(kind)}
        said = ""
        for script, _ in steps:
            done = run("env", "-C", self.work, *shell, "-c", self.expand(script), check=False,
                       env=env)
            said += done.stdout + done.stderr
            if done.returncode != 0:
                return done.returncode, said
        return 0, said

    def pulled(self):
        """What a node that knows the public key gets from the registry."""
        shutil.rmtree(f"{self.home}/verdicts", ignore_errors=True)
        done = run(RUNWARDCTL, f"--runward-root={self.home}", "verdict", "pull", self.name,
                   check=False, env=self.env)
        self.assertIn(done.returncode, (0, 2), done.stderr)
        listed = json.loads(self.ctl("list", "--json").stdout)
        return [one["result"] for one in listed]

    def files(self):
        return [path for path in sorted(FOLDER.iterdir()) if path.name != "README.md"]

    def each(self, check, *vulnerabilities, cut=0, results=None):
        """Calls `check` with each file, what its commands ended with and said, about an image of its own."""
        self.assertEqual(len(self.files()), 6)
        for path in self.files():
            with self.subTest(path.name):
                self.new_image()
                text = self.scan(*vulnerabilities, results=results)
                self.file("made.json", text[:len(text) - cut])
                check(path, *self.execute(path))

    def test_a_good_image_gets_a_verdict_that_nodes_pull(self):
        def check(_, code, said):
            self.assertEqual(code, 0, said)
            self.assertEqual(self.pulled(), ["PASSED"], said)
        self.each(check)

    def test_a_bad_image_fails_the_job_and_nodes_hear_of_it(self):
        def check(path, code, said):
            self.assertEqual(code, 2, said)
            self.assertIn("CVE-2021-44228", said)
            self.assertEqual(self.pulled(), ["FAILED"], said)
            # The answers are where the system looks for them.
            for name in re.findall(r"[\w/-]*(?:runward|gl-[\w-]+)[.](?:xml|sarif|json)\b",
                                   path.read_text(encoding="utf-8")):
                self.assertIn("CVE-2021-44228", (self.work / name).read_text(encoding="utf-8"))
        self.each(check, vulnerability("CVE-2021-44228", "CRITICAL", FixedVersion="2"))
        self.assertIn("CVE-2021-44228", pathlib.Path(self.home, "summary").read_text())
        self.assertEqual(pathlib.Path(self.home, "result").read_text(), "FAILED")

    def test_what_is_not_understood_fails_the_job_and_says_nothing_to_nodes(self):
        def check(_, code, said):
            self.assertEqual(code, 1, said)
            self.assertIn('report.json": line 1, column', said)
            self.assertEqual(self.pulled(), [], said)
        self.each(check, cut=5)

    def test_a_report_that_scanned_nothing_fails_the_job(self):
        def check(_, code, said):
            self.assertEqual(code, 2, said)
            self.assertIn("scan.coverage", said)
        self.each(check, results=[])

    def test_no_key_is_left_behind(self):
        place = os.environ.get("TMPDIR", "/tmp")
        before = set(os.listdir(place))
        self.each(lambda path, code, said:
                  self.assertEqual(set(os.listdir(place)) - before, set(), (path, code, said)))

    def test_the_list_names_each(self):
        listed = re.findall(r"^[|] \[[^]]+\]\(([^)]+)\)", (FOLDER / "README.md").read_text(), re.M)
        self.assertEqual(sorted(listed), [path.name for path in self.files()])


if __name__ == "__main__":
    unittest.main()
