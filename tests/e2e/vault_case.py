"""A vault of a test's own, and runwardctl on it as a person or a pipeline calls it."""

import json
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import time
import unittest

import bundle

CTL = bundle.RUNWARD.parent / "runwardctl"


class VaultCase(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(dir="/run", prefix="vault-test-")
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)

    def ctl(self, *words, stdin=b"", **more):
        """Without a terminal (a session of its own); output is bytes."""
        return subprocess.run([CTL, f"--runward-root={self.root}", "vault", *map(str, words)],
                              input=stdin, capture_output=True, timeout=60, check=False,
                              start_new_session=True, **more)

    def do(self, *words, stdin=b"", **more):
        done = self.ctl(*words, stdin=stdin, **more)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def refused(self, *words, says, stdin=b"", **more):
        done = self.ctl(*words, stdin=stdin, **more)
        self.assertNotEqual(done.returncode, 0, done)
        self.assertIn(says, done.stderr.decode())
        return done

    def init(self):
        self.do("init", "--key-file", self.root / "vault.key")

    def at_terminal(self, *words, typed=()):
        """At a terminal; each of `typed` once a prompt (": ") has come. All that was shown, and the
        exit code."""
        words = [str(CTL), f"--runward-root={self.root}", "vault", *map(str, words)]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(words[0], words)
        shown, todo, seen = b"", list(typed), 0
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                got = os.read(terminal, 4096)
            except OSError:
                break
            if not got:
                break
            shown += got
            if todo and shown[seen:].endswith(b": "):
                seen = len(shown)
                os.write(terminal, todo.pop(0) + b"\n")
        os.close(terminal)
        return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def events(self):
        log = self.root / "log" / "events.jsonl"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    def details(self):
        return [event["status_detail"] for event in self.events()]
