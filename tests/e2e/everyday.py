"""Runs one script of everyday commands with plain runc and with runward, and compares."""

import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess

from gate import GateTest

KINDS = ("runc", "runward", "audit")  # plain; an enforce policy that permits; an audit policy
CHANGING = [
    (re.compile(r"\b[0-9a-f]{64}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "<short id>"),
    (re.compile(r"\b10\.(231|88)\.0\.\d+\b"), "<address>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"/run/rw-[^/ ]*"), "<dir>"),
    (re.compile(r"^Error: (OCI runtime error: )?(runc|crun|runward|audit): ", re.M),
     r"Error: \1<runtime>: "),  # podman's own words
    # The client says this or not, depending on which of its two answers comes first.
    (re.compile(r'time="<time>" level=error msg="error waiting for container: [^"]*"\n'), ""),
    # ctr sets the terminal's size once the process runs; a quick one has ended by then.
    (re.compile(r"(\x1b\[31m)?ERRO(\x1b\[0m)?\[\d+\] resize pty .*\n"), ""),
    # A terminal's echo of script's end of input, when it comes before the command's end.
    (re.compile(r"\^@|\^D\x08\x08"), ""),
]


class EverydayTest(GateTest):
    """Scripts of shell commands, a line each. `$N` is a container name of the script's own, `$R` is
    what chooses the runtime; `engine` is the client with the engine's address.
    """

    SCRIPTS = {}
    kinds = KINDS  # the first is the plain runtime

    @classmethod
    def make_engines(cls):
        return super().make_engines(audit_too=True)

    def setUp(self):
        super().setUp()
        self.one.policy({"version": 1, "trust": [], "profiles": [
            {"name": "all", "match": {}, "mode": "audit"}]}, home=self.one.audit_home)

    def lines(self, name, script, kind):
        """[(command, exit code, output)] of one script with one runtime."""
        container = f"{re.sub('[^a-z0-9]', '-', name)}-{kind}"
        directory = f"{self.one.dir}/work-{container}"
        os.makedirs(directory, exist_ok=True)
        env = dict(os.environ, N=container, I=self.everyday.name, D=directory, LC_ALL="C",
                   R=self.runtime_words(kind), PATH=f"{self.bin}:{os.environ['PATH']}")
        results = []
        for line in map(str.strip, script.strip().splitlines()):
            done = subprocess.run(
                ["bash", "-c", line], cwd=directory, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                timeout=120, check=False)
            output = done.stdout
            for pattern, name_of_it in CHANGING:
                output = pattern.sub(name_of_it, output)
            results.append((line, done.returncode, output.replace(f"-{kind}", "-<kind>")))
        self.clean_up(container)
        return results

    def compare(self, name, script):
        with concurrent.futures.ThreadPoolExecutor(len(self.kinds)) as pool:
            results = dict(zip(self.kinds,
                               pool.map(lambda k: self.lines(name, script, k), self.kinds)))
        plain_kind = self.kinds[0]
        for line, code, output in results[plain_kind]:
            # A command that the client itself refuses would compare nothing.
            self.assertNotRegex(output, "(?i)incorrect usage|unknown (flag|command)", line)
            self.plain.append((code, line))
        for kind in self.kinds[1:]:
            with self.subTest(script=name, kind=kind):
                plain, ours = results[plain_kind], results[kind]
                if ours != plain:  # once more: a busy machine changes what depends on time
                    plain, ours = (self.lines(name, script, k) for k in (plain_kind, kind))
                for expected, got in zip(plain, ours):
                    self.assertEqual(got, expected)

    def compare_all(self, *client):
        """Runs every script; `client` are the words that reach the engine."""
        self.bin = pathlib.Path(self.one.dir, "bin")
        self.bin.mkdir()
        engine = self.bin / "engine"
        engine.write_text(f'#!/bin/sh\nexec {shlex.join(client)} "$@"\n')
        engine.chmod(0o755)
        self.everyday = self.good_image()
        self.plain = []
        before = len(self.one.events())
        for name, script in self.SCRIPTS.items():
            self.compare(name, script)
        failing = [line for code, line in self.plain if code != 0]
        print(f"{len(self.plain)} commands alike; {len(failing)} fail with the plain runtime too:")
        print("\n".join(failing))
        decisions = [event["unmapped"]["runward"]["decision"]
                     for event in self.one.events()[before:]]
        # Otherwise this would have compared runc with runc.
        self.assertGreaterEqual(decisions.count("allowed"), len(self.SCRIPTS))
        self.assertEqual(decisions.count("denied"), 0)
        self.assertEqual(self.one.records(), [])

