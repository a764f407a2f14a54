"""Bad input, broken surroundings and attacks on plain bundles: a clear refusal, and nothing left."""

import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
import unittest

import bundle
from bundle import BundleTest


class Input(BundleTest):
    """Files and arguments that are not what they should be."""

    def run_it(self, *flags, **options):
        return self.one.call("run", "--bundle", self.one.bundle, *flags, "c1", **options)

    def good(self):
        return json.loads((self.one.bundle / "config.json").read_text())

    def test_a_configuration_that_reads_two_ways_or_none(self):
        config = self.one.bundle / "config.json"
        good = config.read_text()
        root = json.dumps(self.good()["root"])
        cases = {
            "truncated": good[: len(good) // 2],
            "empty": "",
            "an array": "[]",
            "huge": good[:-1] + " " * 100_000_000 + "}",
            "deep": good[:-1] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
            "duplicate": good[:-1] + f', "root": {root}}}',
            "differently cased": good[:-1] + ', "Root": {"path": "/"}}',
            "folded by Unicode": good[:-1] + ', "proce\\u017fs": {}}',
            "a NUL": good.replace('"rootfs"', '"rootfs\\u0000"'),
            "no root": json.dumps({k: v for k, v in self.good().items() if k != "root"}),
        }
        for name, text in cases.items():
            with self.subTest(name):
                config.write_text(text)
                self.assert_refused(self.run_it(), "config.json", "rule error.config")
        for key in ("root", "process"):  # crun's reader would end the key at the NUL
            twice = json.dumps({f"{key}\0x": {}, **json.loads(good)})
            config.write_text(twice)
            self.assert_refused(self.run_it(), "rule error.config", "NUL")
        config.write_bytes(good.encode().replace(b"rootfs", b"root\xff"))
        self.assert_refused(self.run_it(), "rule error.config")

    def test_something_else_where_the_configuration_belongs(self):
        config = self.one.bundle / "config.json"
        good = self.one.dir / "good.json"
        config.rename(good)
        self.assert_refused(self.run_it(), "config.json")
        for make in (lambda: config.symlink_to(good), lambda: os.mkfifo(config), config.mkdir):
            make()
            self.assert_refused(self.run_it(), "config.json", "rule error.config")
            config.rmdir() if config.is_dir() and not config.is_symlink() else config.unlink()

    def test_ids_and_arguments_that_are_not_understood(self):
        for words in (["run", "a/../b"], ["run", ".."], ["run", ""], ["run", "--", "-x"],
                      ["run", "x" * 2000], ["run", "--no-such-flag", "c1"], ["run"],
                      ["run", "c1", "c2"], ["frobnicate"], ["init"], ["state", "../c1"],
                      ["run", "--detach=perhaps", "c1"]):
            with self.subTest(words):
                self.assert_refused(self.one.call(*words), "rule error.arguments")
        self.assertEqual(set(self.one.decisions()), {"error"})

    def test_a_process_file_that_is_none(self):
        self.one.configure(["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.one.call("start", "c1")
        process = self.one.dir / "process.json"
        good = json.dumps({"args": ["/bin/true"], "cwd": "/", "user": {"uid": 0, "gid": 0}})
        for text in ("", good[:20], "[]", good[:-1] + ', "Args": ["id"]}', '{"args": "sh"}',
                     good[:-1] + ', "args": ["id"]}', " " * 100_000_000):
            process.write_text(text)
            done = self.one.call("exec", "--process", process, "c1")
            self.assertEqual(done.returncode, 255)
            self.assertIn("rule error.process", done.stderr)
        process.write_text(good)
        self.assertEqual(self.one.call("exec", "--process", process, "c1").returncode, 0)
        os.chmod(process, 0o666)
        self.assertIn("error.process", self.one.call("exec", "--process", process, "c1").stderr)
        process.unlink()
        os.mkfifo(process)
        self.assertIn("error.process", self.one.call("exec", "--process", process, "c1").stderr)


class Surroundings(BundleTest):
    """Policy, runtime, log and records that are missing, wrong or full."""

    def run_it(self, **options):
        self.one.configure(["echo", "ran"])
        return self.one.call("run", "--bundle", self.one.bundle, "c1", **options)

    def test_a_missing_or_wrong_policy(self):
        policy = self.one.root / "policy.json"
        good = policy.read_text()
        policy.unlink()
        self.assert_refused(self.run_it(), "policy init")
        for text in ("", "{}", good[:-20], good[:-1] + ', "unknown": 1}'):
            policy.write_text(text)
            self.assert_refused(self.run_it(), "rule error.policy", "policy.json")
        policy.write_text(good)
        os.chmod(policy, 0o666)
        self.assert_refused(self.run_it(), "rule error.policy")

    def test_a_missing_or_broken_runtime(self):
        script = self.one.dir / "script"
        script.write_text("no program")
        os.chmod(script, 0o755)
        copy = self.one.dir / "runc"
        shutil.copy(bundle.RUNWARD, copy)
        for program in ("/nonexistent/runc", "runc", self.one.dir, bundle.RUNWARD, copy):
            self.one.runtime(program)
            self.assert_refused(self.run_it(), "rule error.runtime")
        self.one.runtime(script)
        (self.one.root / "runtime.json").write_text(
            json.dumps({"runtime": str(script), "grammar": "runc"}))
        self.assert_refused(self.run_it(), "rule error.runtime")
        self.assertEqual(self.one.decisions()[-2:], ["allowed", "error"])
        self.assertIn("rule error.runtime", self.one.call("delete", "c1").stderr)
        self.assertIn("rule error.runtime", self.one.call("state", "c1").stderr)

    def test_an_event_that_cannot_be_logged_stops_an_enforced_start(self):
        log = self.one.root / "log"
        log.write_text("in the way")
        self.assert_refused(self.run_it(), "rule error.event-log", "could not be logged")
        self.one.policy(mode="audit")
        self.assertEqual(self.run_it().stdout, "ran\n")
        self.one.policy(events={"required": False})
        self.assertEqual(self.run_it().stdout, "ran\n")

    def test_a_record_that_cannot_be_kept_stops_an_enforced_start(self):
        (self.one.root / "run").write_text("in the way")
        self.assert_refused(self.run_it(), "rule error.record")
        self.one.policy(mode="audit")
        self.assertEqual(self.run_it().stdout, "ran\n")

    def test_a_full_disk(self):
        for folder, rule in (("log", "error.event-log"), ("run", "error.record")):
            place = self.one.root / folder
            place.mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,mode=700", "none", place],
                           check=True)
            try:
                (place / "fill").write_bytes(b"x" * 12288)
                try:
                    (place / "more").write_bytes(b"x" * 65536)
                except OSError:
                    pass
                self.assert_refused(self.run_it(), rule)
            finally:
                subprocess.run(["umount", place], check=True)

    def test_a_read_only_root(self):
        self.one.configure(["echo", "ran"])
        words = self.one.command("run", "--bundle", self.one.bundle, "c1")
        script = f'mount --bind {self.one.root} {self.one.root} && ' \
                 f'mount -o remount,bind,ro {self.one.root} && exec {" ".join(words)}'
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], text=True, timeout=60,
                              capture_output=True, stdin=subprocess.DEVNULL)
        self.assert_refused(done, "rule error.record")

    def test_killed_at_any_moment_it_has_logged_what_ran_and_goes_on(self):
        ran = 0
        for number in range(24):
            self.one.configure(["echo", "ran"])
            process = subprocess.Popen(
                self.one.command("run", "--bundle", self.one.bundle, f"k{number}"),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            time.sleep(number / 2000)
            process.kill()
            ran += process.communicate()[0].count(b"ran")
            json.loads((self.one.bundle / "config.json").read_text())
        self.assertLessEqual(ran, self.one.decisions().count("allowed"))
        self.assertEqual(self.run_it().stdout, "ran\n")
        ctl = [str(bundle.BUILD / "bin" / "runwardctl"), f"--runward-root={self.one.root}"]
        done = subprocess.run([*ctl, "report", "verify"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)

    def test_the_log_option_follows_no_symlink(self):
        target, log = self.one.dir / "target", self.one.dir / "log.json"
        log.symlink_to(target)
        self.one.policy(rootfs=[])
        self.assert_refused(self.run_it(log=log))
        self.assertFalse(target.exists())

    def test_a_policy_that_changes_while_containers_start(self):
        self.one.configure(["true"])
        stop = threading.Event()

        def change():
            while not stop.is_set():
                self.one.policy(rootfs=[])
                self.one.policy()

        thread = threading.Thread(target=change)
        thread.start()
        try:
            codes = [self.one.call("run", "--bundle", self.one.bundle, f"c{number}").returncode
                     for number in range(30)]
        finally:
            stop.set()
            thread.join()
        expected = ["allowed" if code == 0 else "denied" for code in codes]
        self.assertEqual(self.one.decisions(), expected)
        self.assertEqual(len(self.one.events()), 30)

    def test_a_start_that_fails_leaves_no_record_for_long(self):
        self.one.configure(["/nonexistent"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertNotEqual(done.returncode, 0)
        self.one.call("delete", "--force", "c1")
        self.assertEqual((self.one.records(), self.one.containers()), ([], []))


if __name__ == "__main__":
    unittest.main()
