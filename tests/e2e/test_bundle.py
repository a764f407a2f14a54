"""runward before the real runc and crun: what it lets through arrives unchanged."""

import concurrent.futures
import json
import os
import signal
import subprocess
import unittest

import bundle
from bundle import BundleTest


class Flow:
    """The tests, for each runtime below."""

    def test_run_passes_output_input_environment_and_exit_code(self):
        self.one.configure(["sh", "-c", "cat; id -u; exit 7"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1", input="in\n")
        self.assertEqual((done.returncode, done.stdout), (7, "in\n0\n"), done.stderr)
        self.assertEqual(self.one.decisions(), ["allowed"])

    def test_the_bundle_is_the_working_directory_by_default(self):
        self.one.configure(["echo", "here"])
        done = self.one.call("run", "c1", cwd=self.one.bundle)
        self.assertEqual(done.stdout, "here\n", done.stderr)

    def test_a_life_from_create_to_delete(self):
        self.one.configure(["sleep", "100"])
        pid_file = self.one.dir / "pid"
        self.assertEqual(self.one.create("c1", "--pid-file", pid_file), (0, ""))
        (record,) = self.one.records()
        self.assertEqual(record.stat().st_mode & 0o777, 0o600)
        plan = json.loads(record.read_text())
        self.assertEqual((plan["id"], plan["root"]), ("c1", str(self.one.state)))
        self.assertEqual(plan["bundle"], str(self.one.bundle))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        state = json.loads(self.one.call("state", "c1").stdout)
        self.assertEqual((state["status"], state["pid"]), ("running", int(pid_file.read_text())))
        done = self.one.call("exec", "--env", "A=1", "c1", "/bin/sh", "-c", "echo $A --help; exit 3")
        self.assertEqual((done.returncode, done.stdout), (3, "1 --help\n"), done.stderr)
        self.assertEqual(self.one.call("kill", "c1", "KILL").returncode, 0)
        self.assertTrue(self.one.wait_for(
            lambda: json.loads(self.one.call("state", "c1").stdout)["status"] == "stopped"))
        self.assertEqual(self.one.call("delete", "c1").returncode, 0)
        self.assertEqual((self.one.records(), self.one.containers()), ([], []))
        self.assertFalse(record.parent.exists())
        operations = [e["unmapped"]["runward"]["operation"] for e in self.one.events()]
        self.assertEqual(operations, ["create", "exec"])

    def test_a_refusal_is_one_log_object_one_line_and_one_event(self):
        self.one.policy(rootfs=[])
        log = self.one.dir / "log.json"
        done = self.one.call("create", "--bundle", self.one.bundle, "c1", log=log)
        self.assert_refused(done, "container c1", "(rule image.unidentified", "Explain: runwardctl")
        (record,) = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual(record["level"], "error")
        self.assertEqual(record["msg"] + "\n", done.stderr)
        (event,) = self.one.events()
        self.assertIn(event["metadata"]["uid"], done.stderr)
        self.assertEqual(event["unmapped"]["runward"]["decision"], "denied")

    def test_run_is_gated_as_create_is(self):
        self.one.policy(rootfs=[])
        self.assert_refused(self.one.call("run", "--bundle", self.one.bundle, "c1"))

    def test_audit_starts_what_enforce_refuses(self):
        self.one.policy(mode="audit", rootfs=[])
        self.one.configure(["echo", "started"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual((done.returncode, done.stdout), (0, "started\n"), done.stderr)
        self.assertEqual(self.one.decisions(), ["would-deny"])

    def test_exec_into_a_container_without_a_record_is_the_policys(self):
        self.one.configure(["sleep", "100"])
        with open(os.devnull, "w", encoding="utf-8") as null:
            subprocess.run([self.one.program, *self.one.args, "--root", self.one.state, "run", "-d",
                            "--bundle", self.one.bundle, "c1"], check=True, stdin=null, stdout=null)
        done = self.one.call("exec", "c1", "true")
        self.assertEqual(done.returncode, 255)
        self.assertIn("rule container.unrecorded", done.stderr)
        self.one.policy(unrecorded="allow")
        self.assertEqual(self.one.call("exec", "c1", "true").returncode, 0)
        self.one.policy(mode="audit")
        self.assertEqual(self.one.call("exec", "c1", "true").returncode, 0)
        self.assertEqual(self.one.decisions(), ["denied", "allowed", "would-deny"])

    def test_exec_takes_a_process_file(self):
        self.one.configure(["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.one.call("start", "c1")
        process = self.one.dir / "process.json"
        process.write_text(json.dumps({"args": ["id", "-u"], "cwd": "/", "user": {"uid": 5, "gid": 6},
                                       "env": ["PATH=/bin"]}))
        done = self.one.call("exec", "--process", process, "c1")
        self.assertEqual((done.returncode, done.stdout), (0, "5\n"), done.stderr)
        self.assertEqual(self.one.events()[-1]["unmapped"]["runward"]["user"], "5:6")

    def test_preserved_descriptors_arrive(self):
        self.one.configure(["sh", "-c", "cat <&3"])
        with open(self.one.dir / "fd3", "w+", encoding="utf-8") as file:
            file.write("three\n")
            file.seek(0)
            words = self.one.command("run", "--bundle", self.one.bundle, "--preserve-fds", "1", "c1")
            script = f'exec {" ".join(words)} 3<&{file.fileno()}'
            done = subprocess.run(["sh", "-c", script], pass_fds=[file.fileno()], timeout=60,
                                  text=True, capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stdout, "three\n", done.stderr)

    def test_signals_reach_the_container(self):
        self.one.configure(["sh", "-c", "trap 'exit 9' TERM; echo up; while true; do sleep 0.1; done"])
        words = self.one.command("run", "--bundle", self.one.bundle, "c1")
        with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            self.assertEqual(process.stdout.readline(), b"up\n")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=20), 9)

    def test_the_environment_changes_nothing(self):
        self.one.policy(rootfs=[])
        environment = {"PATH": "/nonexistent", "RUNWARD_ROOT": "/nonexistent", "HOME": "/nonexistent"}
        self.assert_refused(self.one.call("run", "--bundle", self.one.bundle, "c1", env=environment))
        self.one.policy()
        done = self.one.call("run", "--bundle", self.one.bundle, "c1", env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_version_says_its_own_line_first(self):
        ours = self.one.call("--version").stdout.splitlines()
        real = self.one.real("--version").stdout.splitlines()
        self.assertRegex(ours[0], r"^runward version \d+\.\d+\.\d+$")
        self.assertEqual(ours[1:], real)

    def test_what_is_not_gated_is_passed_on(self):
        self.one.policy(rootfs=[])  # no say in these
        for words in (["list"], ["list", "--quiet"], ["state", "none"], ["features"], ["--help"],
                      ["kill", "none", "9"], ["delete", "none"], ["delete", "--force", "none"],
                      ["start", "none"], ["pause", "none"], ["checkpoint", "--help"]):
            ours, real = self.one.call(*words), self.one.real(*words)
            self.assertEqual((ours.returncode, ours.stdout), (real.returncode, real.stdout), words)
        self.assertEqual(self.one.events(), [])

    def test_two_creates_with_one_id_make_one_container(self):
        self.one.configure(["sleep", "100"])
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(self.run_detached, ["c1"] * 8))
        self.assertEqual(sorted(codes), [0] + [1] * 7)
        self.assertEqual(len(self.one.records()), 1)
        self.assertEqual(len(self.one.events()), 8)
        self.assertEqual(self.one.decisions().count("allowed"), 1)

    def run_detached(self, name):
        null = subprocess.DEVNULL
        words = self.one.command("run", "--detach", "--bundle", self.one.bundle, name)
        return subprocess.run(words, stdin=null, stdout=null, stderr=null, timeout=120).returncode

    def test_fifty_at_once_each_start_and_are_logged(self):
        names = [f"c{number}" for number in range(50)]
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            codes = list(pool.map(self.run_detached, names))
        self.assertEqual(codes, [0] * 50)
        self.assertEqual(self.one.decisions(), ["allowed"] * 50)
        self.assertEqual({e["container"]["uid"] for e in self.one.events()}, set(names))
        sequence = [e["unmapped"]["runward"]["seq"] for e in self.one.logged()]
        self.assertEqual(sequence, list(range(sequence[0], sequence[0] + 100)))


class Runc(Flow, BundleTest):
    runtime = "runc"

    def test_update_reads_checked_resources(self):
        self.one.configure(["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        done = self.one.call("update", "--resources", "-", "c1", input='{"cpu": {"shares": 512}}')
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in ('{"cpu": {}, "cpu": {"shares": 2}}', "", "[]", '{"cpu":', "x" * 5_000_000):
            done = self.one.call("update", "--resources", "-", "c1", input=text)
            self.assertEqual(done.returncode, 1)
            self.assertIn(bundle.REFUSED, done.stderr)
        self.assertEqual(self.one.decisions(), ["allowed"] * 2 + ["error"] * 5)

    def test_a_record_is_synced_before_the_runtime_runs_where_the_policy_says_so(self):
        if not os.access("/usr/bin/strace", os.X_OK):
            self.skipTest("not there: strace")
        for synced in (False, True):
            self.one.policy(events={"fdatasync": synced})
            trace = self.one.dir / "trace"
            words = self.one.command("run", "--bundle", self.one.bundle, "c1")
            subprocess.run(["strace", "-y", "-o", trace, "-e", "trace=write,fdatasync,execve",
                            *words], check=True, timeout=60, stdin=subprocess.DEVNULL)
            # runward's own process becomes the runtime: what is before its second execve is its work.
            own = trace.read_text().split("execve(")[1].splitlines()
            calls = [line.partition("(")[0] for line in own if "events.jsonl" in line]
            self.assertEqual(calls, ["write", "fdatasync"] if synced else ["write"])


class Crun(Flow, BundleTest):
    runtime = "crun"

    def test_another_configuration_file_is_the_one_that_is_judged(self):
        self.one.configure(["echo", "good"])
        other = self.one.dir / "other.json"
        config = json.loads((self.one.bundle / "config.json").read_text())
        config["root"]["path"] = "/"
        other.write_text(json.dumps(config))
        done = self.one.call("run", "--bundle", self.one.bundle, "--config", "other.json", "c1")
        self.assert_refused(done, "image.unidentified")
        config["root"]["path"] = str(self.one.bundle / "rootfs")
        config["process"]["args"] = ["echo", "other"]
        other.write_text(json.dumps(config))
        done = self.one.call("run", "--bundle", self.one.bundle, "--config", "other.json", "c1")
        self.assertEqual(done.stdout, "other\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
