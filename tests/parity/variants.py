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
    """A runtime for one cell, with its own directories below `directory`.

    Each cell has a runward of its own: processes of two cells cannot see each other, so the one
    would take the other's starting containers for abandoned.
    """

    def __init__(self, kind, share, directory, options):
        self.kind = kind
        self.name = f"{kind}-{share}"
        self.directory = pathlib.Path(directory, self.name)
        self.out = self.directory / "out"
        self.bundles = self.directory / "tmp"
        self.log = self.directory / "runward" / "log"
        for path in (self.out, self.bundles):
            path.mkdir(parents=True)
        self.runtime = options.runc
        if kind in POLICIES:
            self.runtime = self._install(options)

    def _install(self, options):
        root = self.directory / "runward"
        root.mkdir()
        policy = POLICIES[self.kind](self.bundles)
        (root / "policy.json").write_text(json.dumps(policy))
        (root / "runtime.json").write_text(json.dumps({"runtime": str(options.runc)}))
        # An engine gives --runward-root in its runtimeArgs; runc's tests can only name a program.
        wrapper = self.directory / "runc"
        program = options.runward.resolve()
        wrapper.write_text(f'#!/bin/sh\nexec "{program}" "--runward-root={root}" "$@"\n')
        wrapper.chmod(0o755)
        return str(wrapper)

    def events(self):
        """Number of records in the log, rotated files included."""
        count = 0
        for path in self.log.glob("events*.jsonl"):
            with open(path, encoding="utf-8") as file:
                count += sum(1 for line in file if json.loads(line).get("class_uid"))
        return count
