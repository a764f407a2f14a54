"""The runtimes that are compared: plain runc, and runward before it under two policies."""

import json
import os
import pathlib

# The real runtime as runward itself would find it; its README says so too.
RUNTIMES = ("/usr/bin/runc", "/usr/sbin/runc", "/usr/local/bin/runc", "/usr/local/sbin/runc")


# Where the suites put root filesystems, below their temporary directory.
LAYOUTS = ("bats-run-*/runc.*/bundle/rootfs", "ocitest*", "ocitest*/rootfs")


def real_runc():
    return next((path for path in RUNTIMES if os.access(path, os.X_OK)), None)


def audit_policy(_):
    """What `policy init` would give, less the keys: nothing is refused, all is written down."""
    return {"version": 1, "unrecorded": "allow",
            "profiles": [{"name": "all", "match": {}, "mode": "audit"}]}


def enforce_policy(bundles):
    """Enforces, and permits the tests' bundles by where they lie."""
    return {"version": 1,
            "profiles": [{"name": "tests", "mode": "enforce", "match": {
                "rootfs": [f"{bundles}/{layout}" for layout in LAYOUTS]}}]}


def closed_policy(_):
    """Enforces, and permits nothing that the tests start: shows that the gate is in the way."""
    return enforce_policy("/nonexistent")


POLICIES = {"audit": audit_policy, "enforce": enforce_policy, "closed": closed_policy}


class Variant:
    """A runtime with its own directories below `directory`."""

    def __init__(self, name, directory, runc, runward):
        self.name = name
        self.directory = pathlib.Path(directory, name)
        self.out = self.directory / "out"
        self.bundles = self.directory / "tmp"
        self.log = self.directory / "runward" / "log"
        for path in (self.out, self.bundles):
            path.mkdir(parents=True)
        self.runtime = runc
        if name in POLICIES:
            self.runtime = self._install(runc, runward)

    def _install(self, runc, runward):
        root = self.directory / "runward"
        root.mkdir()
        policy = POLICIES[self.name](self.bundles)
        (root / "policy.json").write_text(json.dumps(policy))
        (root / "runtime.json").write_text(json.dumps({"runtime": str(runc)}))
        # An engine gives --runward-root in its runtimeArgs; runc's tests can only name a program.
        wrapper = self.directory / "runc"
        wrapper.write_text(f'#!/bin/sh\nexec "{runward}" "--runward-root={root}" "$@"\n')
        wrapper.chmod(0o755)
        return str(wrapper)

    def events(self):
        """Number of records in the log, rotated files included."""
        count = 0
        for path in self.log.glob("events*.jsonl"):
            with open(path, encoding="utf-8") as file:
                count += sum(1 for line in file if json.loads(line).get("class_uid"))
        return count
