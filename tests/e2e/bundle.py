"""Plain OCI bundles for end-to-end tests of runward with the real runc and crun; no engine.

Everything lies in one directory under /run that the test makes and removes: policies and records
are read only from places that nobody else can write, which /tmp is not.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("RUNWARD_BUILD", SOURCE / "build"))
RUNWARD = BUILD / "bin" / "runward"
BUSYBOX = "/bin/busybox"
# crun's cgroup manager would need a cgroup hierarchy of its own, which not every machine gives.
RUNTIMES = {"runc": ("/usr/sbin/runc", []), "crun": ("/usr/bin/crun", ["--cgroup-manager=disabled"])}
APPLETS = ["sh", "ls", "id", "sleep", "cat", "env", "echo", "true", "kill", "touch",
           "grep", "readlink", "wc"]
REFUSED = "runward refused"


def needs(*programs):
    missing = [p for p in (RUNWARD, BUSYBOX, *programs) if not os.access(p, os.X_OK)]
    if os.geteuid() != 0:
        return "needs root"
    return f"missing: {missing}" if missing else ""


class Installation:
    """A runward with its own policy, records and log, and one bundle."""

    def __init__(self, runtime="runc"):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="runward-bundle-", dir="/run"))
        os.chmod(self.dir, 0o755)
        self.root = self.dir / "runward"
        self.state = self.dir / "state"
        self.root.mkdir()
        self.state.mkdir()
        self.program, self.args = RUNTIMES[runtime]
        if runtime == "crun" and os.path.ismount("/sys/fs/cgroup/unified"):
            self.program = self.without_hybrid_cgroups()
        self.runtime(self.program, self.args)
        self.bundle = self.make_bundle("bundle")
        self.policy()

    def without_hybrid_cgroups(self):
        """crun 1.8 refuses the hybrid hierarchy: a crun that does not see it."""
        script = self.dir / "crun"
        script.write_text("#!/bin/sh\nexec /usr/bin/unshare -m /bin/sh -c '/bin/umount /sys/fs/cgroup/unified && "
                          "exec /usr/bin/crun \"$@\"' crun \"$@\"\n")
        script.chmod(0o755)
        return str(script)

    def runtime(self, program, args=()):
        text = json.dumps({"runtime": str(program), "args": list(args)})
        (self.root / "runtime.json").write_text(text)

    def make_bundle(self, name):
        bundle = self.dir / name
        binaries = bundle / "rootfs" / "bin"
        binaries.mkdir(parents=True)
        for folder in ("proc", "dev", "sys", "tmp", "etc"):
            (bundle / "rootfs" / folder).mkdir()
        shutil.copy(BUSYBOX, binaries / "busybox")
        for applet in APPLETS:
            (binaries / applet).symlink_to("busybox")
        subprocess.run(["/usr/sbin/runc", "spec"], cwd=bundle, check=True)
        self.configure(bundle=bundle)
        return bundle

    def configure(self, args=("true",), bundle=None, **changes):
        """Writes config.json: the process' arguments, and top-level members."""
        path = (bundle or self.bundle) / "config.json"
        config = json.loads(path.read_text())
        config["process"]["terminal"] = False
        config["process"]["args"] = list(args)
        config.update(changes)
        path.write_text(json.dumps(config))
        return config

    def policy(self, mode="enforce", rootfs=None, run=None, **members):
        """Enforces, or audits, everything; lists the bundle's root filesystem, with controls."""
        listed = [str(self.bundle / "rootfs")] if rootfs is None else rootfs
        profiles = [{"name": "default", "match": {}, "mode": mode}]
        if listed:
            profiles.insert(0, {"name": "plain", "match": {"rootfs": listed}, "mode": mode,
                                **({"run": run} if run else {})})
        text = json.dumps({"version": 1, "trust": [], "profiles": profiles, **members})
        new = self.root / "policy.json.new"
        new.write_text(text)
        new.rename(self.root / "policy.json")

    def command(self, *words, log=None):
        globals_ = [f"--runward-root={self.root}", "--root", str(self.state)]
        if log:
            globals_ += ["--log", str(log), "--log-format", "json"]
        return [str(RUNWARD), *globals_, *map(str, words)]

    def call(self, *words, log=None, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        if "input" in options:
            del options["stdin"]
        return subprocess.run(self.command(*words, log=log), text=True, timeout=60,
                              cwd=options.pop("cwd", self.dir), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **options)

    def create(self, name, *flags, **options):
        """`create`, whose container holds the output open: into files, not pipes."""
        with open(self.dir / f"{name}.out", "w+", encoding="utf-8") as output:
            done = subprocess.run(
                self.command("create", "--bundle", self.bundle, *flags, name, **options),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60, check=False)
            output.seek(0)
            return done.returncode, output.read()

    def real(self, *words, **options):
        return subprocess.run([self.program, *self.args, "--root", str(self.state), *words],
                              text=True, capture_output=True, timeout=60, check=False, **options)

    def logged(self):
        """All records of the log's current file."""
        log = self.root / "log" / "events.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def events(self):
        """The decisions, without what checks found."""
        return [record for record in self.logged() if record["class_uid"] != 2003]

    def findings(self):
        return [record for record in self.logged() if record["class_uid"] == 2003]

    def decisions(self):
        return [event["unmapped"]["runward"]["decision"] for event in self.events()]

    def records(self):
        return sorted((self.root / "run" / "containers").glob("*/plan.json"))

    def containers(self):
        return sorted(path.name for path in self.state.iterdir())

    def wait_for(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.02)
        return False

    def remove(self):
        for name in self.containers():
            self.real("delete", "--force", name)
        shutil.rmtree(self.dir, ignore_errors=True)


class BundleTest(unittest.TestCase):
    """One installation a test, for one real runtime."""

    runtime = "runc"

    def setUp(self):
        why = needs(RUNTIMES["runc"][0], RUNTIMES[self.runtime][0])
        if why:
            self.skipTest(why)
        self.one = Installation(self.runtime)
        self.addCleanup(self.one.remove)

    def assert_refused(self, done, *texts, code=1):
        """A refusal: its exit code, one line that says why, no container, nothing half-written."""
        self.assertEqual(done.returncode, code, done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith(REFUSED), done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        for phrase in ("no such file", "permission denied", "not a directory"):
            self.assertNotIn(phrase, done.stderr.lower())
        self.assertEqual(self.one.containers(), [])
        self.assertEqual(self.one.records(), [])
        self.assertEqual(list(self.one.bundle.glob("*.tmp.*")), [])
