"""Run controls before the real runc and crun: what is forbidden fails, what is allowed works, and
audit changes nothing."""

import os
import subprocess
import unittest

from bundle import BundleTest
from controls import (ALL, KEEP, STATUS, ControlCalls, capabilities, devices, in_linux,
                      in_process, mount, nothing, rights, without)

# The control, its rule, a change that it refuses, one that it allows, and words of the refusal.
CASES = [
    ("users", {"users": ["non-root"]}, nothing, in_process(user={"uid": 7, "gid": 0}),
     "user 0 (allowed: non-root)"),
    ("users", {"users": ["app"]}, in_process(user={"uid": 8, "gid": 0}),
     in_process(user={"uid": 77, "gid": 0}), "user 8 (allowed: 77, app)"),
    ("groups", {"groups": ["5-9"]}, in_process(user={"uid": 0, "gid": 5, "additionalGids": [0]}),
     in_process(user={"uid": 0, "gid": 5, "additionalGids": [9]}), "group 0 (allowed: 5-9)"),
    ("privileged", {"privileged": False},
     devices({"allow": True, "access": "rwm"}), nothing, "all devices"),
    ("privileged", {"privileged": False},
     capabilities(**{s: ALL for s in ("bounding", "effective", "permitted")}), nothing,
     "all capabilities"),
    ("capabilities", {"capabilities": KEEP}, capabilities(ambient=["CAP_SYS_ADMIN"]), nothing,
     "SYS_ADMIN (allowed: AUDIT_WRITE, KILL, NET_BIND_SERVICE)"),
    ("capabilities", {"capabilities": KEEP}, capabilities(inheritable=["CAP_CHOWN"]), nothing,
     "CHOWN"),
    ("capabilities", {"capabilities": KEEP}, capabilities(bounding=["CAP_SYS_EVERYTHING"]), nothing,
     'unknown "CAP_SYS_EVERYTHING"'),
    ("noNewPrivileges", {"noNewPrivileges": True}, in_process(noNewPrivileges=False), nothing,
     "new privileges"),
    ("hostNamespaces", {"hostNamespaces": []}, without("network"), nothing, "network (allowed: none)"),
    ("hostNamespaces", {"hostNamespaces": ["uts"]}, lambda config: [
        without(kind)(config) for kind in ("ipc", "uts")], without("uts"), "ipc (allowed: uts)"),
    ("mounts", {"mounts": {"deny": ["@host"]}}, mount("/etc"), mount("/srv"), '"/etc" (@host)'),
    ("mounts", {"mounts": {"deny": ["@host"]}}, mount("/"), mount("/srv"), "above"),
    ("mounts", {"mounts": {"deny": ["@bpf"]}}, mount("/sys"), mount("/srv"), "/sys/fs/bpf"),
    ("mounts", {"mounts": {"deny": ["/srv"], "allow": ["/srv/shared"]}}, mount("/srv"),
     mount("/srv/shared"), "nothing of /srv, except /srv/shared"),
    ("devices", {"devices": {"allow": []}}, in_linux(devices=[
        {"path": "/dev/thing", "type": "c", "major": 10, "minor": 229}]),
     devices({"allow": True, "type": "c", "major": 1, "minor": 3, "access": "rwm"}),
     '"/dev/thing" (c 10:229)'),
    ("readOnlyRoot", {"readOnlyRoot": True},
     lambda config: config["root"].update(readonly=False), nothing, "writable root"),
    ("limits", {"limits": ["pids"]}, nothing,
     lambda config: config["linux"]["resources"].update(pids={"limit": 50}), "no limit of pids"),
    ("syscalls", {"syscalls": {"unconfined": "deny"}}, nothing, in_linux(seccomp={
        "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["ptrace"], "action": "SCMP_ACT_ERRNO"}]}), "no seccomp profile"),
]


class Controls(ControlCalls):
    """The tests, for each runtime below."""

    def test_each_control_refuses_what_it_forbids_and_lets_pass_what_it_allows(self):
        for control, rule, bad, good, words in CASES:
            with self.subTest(control=control, words=words):
                self.one.policy(run=rule)
                done = self.run_one(bad)
                self.assert_refused(done, f"(rule run.{control}, profile plain", words,
                                    'profile "plain" does not allow ' + control)
                rule_name, part = self.newest()
                self.assertEqual((rule_name, part["decision"]), (f"run.{control}", "denied"))
                done = self.run_one(good)
                self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
                self.assertEqual(self.newest()[1]["decision"], "allowed")

    def test_audit_reports_each_control_and_changes_nothing(self):
        for control, rule, bad, _good, words in CASES:
            if "SYS_EVERYTHING" in words or "/dev/thing" in words:
                continue  # the real runtime's own error
            with self.subTest(control=control, words=words):
                self.one.policy(mode="audit", run=rule)
                self.write(bad, args=STATUS)
                before = (self.one.bundle / "config.json").read_bytes()
                self.one.call("delete", "--force", "c1")
                plain = self.one.real("run", "--bundle", str(self.one.bundle), "c1")
                audited = self.one.call("run", "--bundle", self.one.bundle, "c1")
                self.assertEqual(rights(audited.stdout), rights(plain.stdout), audited.stderr)
                self.assertEqual(audited.returncode, plain.returncode)
                self.assertEqual((self.one.bundle / "config.json").read_bytes(), before)
                rule_name, part = self.newest()
                self.assertEqual((rule_name, part["decision"]), (f"run.{control}", "would-deny"))
                self.assertIn(f"run.{control}: ", str(part["warnings"]))

    def test_all_findings_are_named_at_once(self):
        self.one.policy(run={"users": ["non-root"], "capabilities": {"allow": []},
                             "hostNamespaces": []})
        done = self.run_one(without("pid"))
        self.assert_refused(done, "users: user 0", "capabilities: AUDIT_WRITE, KILL",
                            "hostNamespaces: pid")

    def test_exec_by_process_is_held_to_the_containers_rule(self):
        self.start({"users": ["0", "app"], "capabilities": KEEP, "noNewPrivileges": True,
                    "privileged": False})
        done = self.exec_by(nothing)
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        cases = [
            (lambda p: p["capabilities"].update(bounding=ALL, effective=ALL, permitted=ALL),
             "privileged"),
            (lambda p: p["capabilities"].update(ambient=["CAP_NET_ADMIN"]), "capabilities"),
            (lambda p: p.update(user={"uid": 5, "gid": 0}), "users"),
            (lambda p: p.update(noNewPrivileges=False), "noNewPrivileges"),
            (lambda p: p.pop("noNewPrivileges"), "noNewPrivileges"),
        ]
        for change, control in cases:
            with self.subTest(control=control):
                done = self.exec_by(change)
                self.assertEqual(done.returncode, 255, done)
                self.assertIn(f"(rule run.{control}, profile plain", done.stderr)
                self.assertEqual(self.newest()[1]["operation"], "exec")
        # The name stands for the number that it had at the start, whatever the container writes.
        (self.one.bundle / "rootfs" / "etc" / "passwd").write_text("app:x:5:5::/:/bin/sh\n")
        self.assertEqual(self.exec_by(lambda p: p.update(user={"uid": 5, "gid": 0})).returncode, 255)

    def test_exec_by_options_is_held_to_it_too(self):
        self.start({"users": ["0"], "groups": ["0"], "capabilities": KEEP, "noNewPrivileges": True})
        nnp = ["--no-new-privs"]
        done = self.one.call("exec", *nnp, "c1", "echo", "ok")
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        for words, control in ((["--cap", "CAP_SYS_ADMIN"], "capabilities"), (["--user", "5"], "users"),
                               (["--user", "0:5"], "groups"), (["--user", "x"], "users"),
                               (["--cap=cap_sys_admin"], "capabilities")):
            with self.subTest(words=words):
                done = self.one.call("exec", *nnp, *words, "c1", "echo", "ok")
                self.assertEqual(done.returncode, 255, done)
                self.assertIn(f"(rule run.{control}", done.stderr)

    def test_a_root_by_chroot_is_refused_where_the_profile_says_so(self):
        words = ("run", "--no-pivot", "--bundle", self.one.bundle, "c1")
        self.write(nothing, args=("echo", "ok"))
        for rule in ({"pivotRoot": True}, {"pivotRoot": False}):
            self.one.policy(run=rule)
            done = self.one.call(*words)
            if rule["pivotRoot"]:
                self.assert_refused(done, "(rule run.pivotRoot, profile plain", "--no-pivot")
            else:
                self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        self.one.policy(mode="audit", run={"pivotRoot": True})
        done = self.one.call(*words)
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        self.assertEqual(self.newest()[1]["decision"], "would-deny")

    def test_open_files_of_the_callers_reach_no_process_where_the_profile_says_so(self):
        def call(words, env=None):
            with open("/etc/hostname", "rb") as file:
                command = " ".join(str(word) for word in self.one.command(*words))
                script = f"exec {command} 3<&{file.fileno()}"
                return subprocess.run(["sh", "-c", script], pass_fds=[file.fileno()], timeout=60, text=True,
                                      env={**os.environ, **(env or {})}, capture_output=True,
                                      stdin=subprocess.DEVNULL, check=False)

        run = ("run", "--bundle", self.one.bundle, "--preserve-fds", "1", "c1")
        self.write(nothing)
        self.one.policy(run={"preserveFds": False})
        self.assert_refused(call(run), "(rule run.preserveFds, profile plain", "1 open files")
        self.assert_refused(call(("run", "--bundle", self.one.bundle, "c1"), {"LISTEN_FDS": "1"}),
                            "(rule run.preserveFds")
        self.start({"preserveFds": False})
        done = call(("exec", "--preserve-fds=1", "c1", "echo", "ok"))
        self.assertEqual((done.returncode, done.stdout), (255, ""), done)
        self.assertIn("(rule run.preserveFds", done.stderr)
        done = call(("exec", "--preserve-fds=0", "c1", "echo", "ok"))
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)

    def test_exec_gives_no_power_over_the_kernel_where_its_files_lie_open(self):
        words = ["exec", "--cap", "CAP_SYS_ADMIN", "c1", "echo", "ok"]
        self.start({"privileged": False}, in_linux(maskedPaths=[], readonlyPaths=[]))
        done = self.one.call(*words)
        self.assertEqual((done.returncode, done.stdout), (255, ""), done)
        self.assertIn("(rule run.capabilities", done.stderr)
        done = self.one.call("exec", "c1", "echo", "ok")
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        self.one.call("delete", "--force", "c1")
        self.start({"privileged": False})
        done = self.one.call(*words)
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)

    def test_an_exec_without_new_privileges_keeps_them_off(self):
        self.start({"noNewPrivileges": True})
        done = self.one.call("exec", "c1", "cat", "/proc/self/status")
        if done.returncode == 0:
            self.assertIn("NoNewPrivs:\t1", done.stdout)
        else:
            self.assertIn("(rule run.noNewPrivileges", done.stderr)

    def test_audited_exec_is_reported_and_runs(self):
        self.start({"users": ["0"]}, mode="audit")
        done = self.exec_by(lambda p: p.update(user={"uid": 5, "gid": 0}))
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)
        self.assertEqual((self.newest()[0], self.newest()[1]["decision"]), ("run.users", "would-deny"))


class RuncControls(Controls, BundleTest):
    runtime = "runc"


class CrunControls(Controls, BundleTest):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main(verbosity=2)
