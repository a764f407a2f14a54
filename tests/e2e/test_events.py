#!/usr/bin/env python3
"""The event log under many writers, dying writers, a full disk and things in its place."""

import fcntl
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(os.environ.get("RUNWARD_BIN_DIR") or HERE / "../../build/release/bin").resolve()
CTL = BIN / "runwardctl"
WRITER = (BIN / "../tests/e2e/event_writer").resolve()


class Events(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        for program in (CTL, WRITER):
            if not program.exists():
                self.skipTest(f"needs {program}; build first")
        directory = tempfile.TemporaryDirectory(dir="/run", prefix="runward-events-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.log = self.root / "log"
        self.file = self.log / "events.jsonl"

    def writer(self, count, *options, **more):
        words = [WRITER, self.log, count, *options]
        return subprocess.Popen([str(w) for w in words], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **more)

    def ctl(self, *words):
        return subprocess.run([CTL, f"--runward-root={self.root}", "report", *words],
                              capture_output=True, text=True, timeout=120)

    def logged(self):
        """The ids of all records, oldest first."""
        listed = self.ctl("events", "--json").stdout.splitlines()
        return [json.loads(line)["metadata"]["uid"] for line in listed]

    def expect_intact(self):
        verified = self.ctl("verify")
        self.assertEqual(0, verified.returncode, verified.stdout + verified.stderr)
        return verified.stdout

    def expect_all(self, acknowledged):
        logged = self.logged()
        self.assertEqual(len(logged), len(set(logged)), "a record stands twice")
        self.assertEqual(set(), set(acknowledged) - set(logged), "a record was lost")

    def test_fifty_processes_at_once_lose_nothing(self):
        writers = [self.writer(20, 60000, 1000) for _ in range(50)]
        acknowledged = []
        for one in writers:
            out, err = one.communicate(timeout=120)
            self.assertEqual((0, ""), (one.returncode, err))
            acknowledged += out.split()
        self.assertEqual(1000, len(acknowledged))
        self.assertEqual(set(acknowledged), set(self.logged()))
        self.assertGreater(len(list(self.log.iterdir())), 10, "nothing was rotated")
        self.expect_intact()

    def test_writers_killed_in_the_middle_tear_nothing_else(self):
        acknowledged = []
        chance = random.Random(7)
        for _ in range(30):
            writers = [self.writer(-1, 200000, 1000) for _ in range(4)]
            time.sleep(chance.uniform(0.002, 0.03))
            for one in writers:
                one.kill()
            for one in writers:
                # An id whose line was cut by the kill was not acknowledged.
                out = one.communicate()[0]
                acknowledged += out[:out.rfind("\n") + 1].split()
        self.assertGreater(len(acknowledged), 100)
        last = self.writer(1, 200000, 1000).communicate()[0].split()
        self.expect_all(acknowledged + last)
        self.expect_intact()

    def test_a_write_cut_short_is_taken_back_and_a_torn_one_is_counted(self):
        self.writer(3).communicate()
        size = self.file.stat().st_size

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 500, size + 500))
        cut = self.writer(1, preexec_fn=limit, restore_signals=False)
        out, err = cut.communicate()
        self.assertEqual((1, ""), (cut.returncode, out))
        self.assertIn("events.jsonl", err)
        self.assertEqual(size, self.file.stat().st_size)
        with open(self.file, "ab") as file:
            file.write(b'{"unmapped":{"runward":{"seq":4,')
        self.writer(2).communicate()
        self.assertIn("1 unfinished write, 32 bytes", self.expect_intact())

    def test_rotation_under_load_keeps_what_it_should(self):
        for one in [self.writer(40, 30000, 3) for _ in range(20)]:
            self.assertEqual(0, one.wait(timeout=120))
            one.communicate()
        files = sorted(p.name for p in self.log.iterdir())
        self.assertEqual(4, len(files), files)
        self.assertTrue(all(p.stat().st_size <= 30000 for p in self.log.iterdir()))
        self.assertIn("are no longer kept", self.expect_intact())

    def in_namespace(self, script):
        """Runs a shell script in a mount namespace of its own, a small tmpfs mounted on the log."""
        self.log.mkdir(mode=0o700)
        text = f"set -e; mount -t tmpfs -o size=256k,mode=700 none {self.log}\n{script}"
        environment = {**os.environ, "LOG": str(self.log), "OUT": str(self.root),
                       "WRITER": str(WRITER),
                       "REPORT": f"{CTL} --runward-root={self.root} report"}
        return subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c", text],
                              capture_output=True, text=True, timeout=120, env=environment)

    def test_a_full_disk_refuses_and_recovers(self):
        done = self.in_namespace("""
            head -c 100000 /dev/zero >$LOG/filler
            for i in 1 2 3 4; do $WRITER $LOG -1 >$OUT/ids.$i 2>$OUT/err.$i & done
            wait
            test "$(tail -c 1 $LOG/events.jsonl | od -An -tx1 | tr -d ' ')" = 0a
            $REPORT verify >$OUT/full
            rm $LOG/filler
            $WRITER $LOG 5 >$OUT/ids.5
            $REPORT verify >$OUT/freed
            $REPORT events --json >$OUT/listed""")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("No space left on device", (self.root / "err.1").read_text())
        acknowledged = [i for n in range(1, 6) for i in (self.root / f"ids.{n}").read_text().split()]
        listed = [json.loads(line)["metadata"]["uid"]
                  for line in (self.root / "listed").read_text().splitlines()]
        self.assertEqual(sorted(acknowledged), sorted(listed))
        self.assertNotIn("unfinished", (self.root / "freed").read_text())

    def test_a_log_that_cannot_be_written_is_an_error(self):
        done = self.in_namespace("""
            $WRITER $LOG 1 >$OUT/ids
            mount -o remount,ro $LOG
            $WRITER $LOG 1 2>$OUT/err && exit 9
            $REPORT verify""")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("Read-only file system", (self.root / "err").read_text())
        self.assertIn("1 record verified", done.stdout)

    def test_what_stands_in_the_logs_place_is_refused_at_once(self):
        self.log.mkdir(mode=0o700)
        victim = self.root / "victim"
        victim.write_text("untouched")
        for make, word in ((lambda: self.file.symlink_to(victim), "symbolic link"),
                           (lambda: os.mkfifo(self.file), "not a regular file"),
                           (lambda: self.file.symlink_to("/dev/zero"), "symbolic link")):
            make()
            start = time.monotonic()
            one = self.writer(1)
            self.assertIn(word, one.communicate(timeout=30)[1])
            self.assertEqual(1, one.returncode)
            self.assertNotEqual(0, self.ctl("events").returncode)
            self.assertLess(time.monotonic() - start, 4)
            self.file.unlink()
        self.assertEqual("untouched", victim.read_text())

    def test_a_lock_that_nobody_gives_back_ends_in_an_error(self):
        self.writer(1).communicate()
        with open(self.file, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            start = time.monotonic()
            one = self.writer(1)
            self.assertIn("held it for 5 s", one.communicate(timeout=30)[1])
            self.assertLess(time.monotonic() - start, 8)

    def test_follow_shows_each_event_once_across_rotations(self):
        command = [CTL, f"--runward-root={self.root}", "report", "events", "--json", "--follow"]
        with open(self.root / "followed", "wb") as out:
            follower = subprocess.Popen(command, stdout=out)
        try:
            acknowledged = []
            for _ in range(3):
                acknowledged += self.writer(50, 15000, 1000).communicate()[0].split()
            followed = []
            deadline = time.monotonic() + 20
            while len(followed) < len(acknowledged) and time.monotonic() < deadline:
                time.sleep(0.1)
                lines = (self.root / "followed").read_text().splitlines(keepends=True)
                followed = [json.loads(line)["metadata"]["uid"] for line in lines
                            if line.endswith("\n")]
            self.assertEqual(acknowledged, followed)
            self.assertIsNone(follower.poll())
        finally:
            follower.kill()
            follower.wait()

    def test_tampering_is_found_and_secrets_are_not(self):
        self.writer(20).communicate()
        self.assertEqual(0, self.ctl("checkpoint").returncode)
        whole = self.file.read_bytes()
        self.assertNotIn(b"hunter2", whole)
        lines = whole.splitlines(keepends=True)
        swapped = lines[:4] + [lines[5], lines[4]] + lines[6:]
        for text, line, word in ((whole.replace(b'"c7"', b'"c8"', 1), 14, "changed"),
                                 (b"".join(lines[:9] + lines[10:]), 10, "removed"),
                                 (b"".join(swapped), 5, "reordered"),
                                 (b"".join(lines[:-1]), 19, "cut off"),
                                 (b"", 0, "cut off")):
            self.file.write_bytes(text)
            found = self.ctl("verify")
            self.assertEqual(2, found.returncode, word)
            first = found.stdout.splitlines()[0]
            self.assertIn(word, first)
            if line:
                self.assertTrue(first.startswith(f"events.jsonl, line {line}:"), first)
            self.assertNotEqual(0, self.ctl("checkpoint").returncode)
        self.file.write_bytes(whole)
        self.expect_intact()


if __name__ == "__main__":
    unittest.main()
