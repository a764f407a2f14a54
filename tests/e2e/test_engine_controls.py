"""Run controls under podman, with runc and with crun, and under containerd by ctr: each engine asks in
its own words, and what it writes by itself fits the controls."""

from gate import GateTest, unittest
from podman import PodmanTest

ECHO = ("echo", "ok")
DOCKERS = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
           "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"]
MOUNTS = {"deny": ["@bpf", "@engine-sockets", "/etc", "/usr", "/root"]}
CHMOD = ["chmod", "fchmod", "fchmodat"]
TRY = ("sh", "-c", "chmod 700 /tmp && echo chmod; mkfifo /tmp/f && echo mkfifo; echo end")
# The control, its rule, the words that it refuses, those that it allows, and what the refusal says.
PODMAN = [
    ("users", {"users": ["app"]}, (), ("--user", "app"), "user 0 (allowed: 1000, app)"),
    ("groups", {"groups": ["1000"]}, ("--user", "1000:5"), ("--user", "1000:1000"), "group 5"),
    ("privileged", {"privileged": False}, ("--privileged",), (), "all devices"),
    ("capabilities", {"capabilities": {"allow": DOCKERS}}, ("--cap-add", "SYS_TIME"), (),
     "SYS_TIME (allowed: AUDIT_WRITE"),
    ("noNewPrivileges", {"noNewPrivileges": True}, (), ("--security-opt", "no-new-privileges"), "new"),
    ("hostNamespaces", {"hostNamespaces": []}, ("--ipc", "host"), (), "ipc (allowed: none)"),
    ("hostNamespaces", {"hostNamespaces": []}, ("--pid", "host"), (), "pid (allowed: none)"),
    ("mounts", {"mounts": MOUNTS}, ("-v", "/etc:/x"), ("-v", "named:/x"), 'within "/etc"'),
    ("mounts", {"mounts": MOUNTS}, ("-v", "/:/x:ro"), ("--mount", "type=tmpfs,destination=/x"), "above"),
    ("devices", {"devices": {"allow": []}}, ("--device", "/dev/loop-control"), (), "c 10:237"),
    ("readOnlyRoot", {"readOnlyRoot": True}, (), ("--read-only",), "writable root"),
    ("limits", {"limits": ["pids"]}, ("--pids-limit", "-1"), ("--pids-limit", "50"), "no limit of pids"),
    ("syscalls", {"syscalls": {"unconfined": "deny"}}, ("--security-opt", "seccomp=unconfined"), (),
     "no seccomp profile"),
    ("syscalls", {"syscalls": {"deny": CHMOD}}, ("--annotation", "run.oci.seccomp_bpf_data=AAAA"), (),
     "by the annotation"),
    ("users", {"users": ["non-root"]}, ("--annotation", "runward.mode=audit"), ("--user", "5"),
     "user 0"),
]
CTR = [
    ("users", {"users": ["app"]}, (), None, "user 0 (allowed: 1000, app)"),
    ("privileged", {"privileged": False}, ("--privileged",), (), "all devices"),
    ("capabilities", {"capabilities": {"allow": DOCKERS}}, ("--cap-add", "CAP_SYS_TIME"), (),
     "SYS_TIME (allowed: AUDIT_WRITE"),
    ("hostNamespaces", {"hostNamespaces": []}, ("--net-host",), (), "network (allowed: none)"),
    ("mounts", {"mounts": MOUNTS}, ("--mount", "type=bind,src=/etc,dst=/x,options=rbind:ro"), (),
     'within "/etc"'),
    ("devices", {"devices": {"allow": []}}, ("--device", "/dev/loop-control"), (), "c 10:237"),
    ("readOnlyRoot", {"readOnlyRoot": True}, (), ("--read-only",), "writable root"),
    ("limits", {"limits": ["memory"]}, (), ("--memory-limit", "67108864"), "no limit of memory"),
    ("syscalls", {"syscalls": {"unconfined": "deny"}}, (), ("--seccomp",), "no seccomp profile"),
    ("users", {"users": ["non-root"]}, ("--annotation", "runward.profile=lax"), None,
     "user 0"),
]


class Controlled:
    def setUp(self):
        super().setUp()
        self.app = self.good_image()

    def control(self, mode="enforce", **run):
        self.set_policy({"name": "web", "match": {}, "mode": mode, "run": run})

    def test_each_control_refuses_what_it_forbids_and_lets_pass_what_it_allows(self):
        for control, rule, bad, good, words in self.cases:
            with self.subTest(control=control, bad=bad):
                self.control(**rule)
                done = self.start(bad, *ECHO)
                self.assertNotEqual(done.returncode, 0, done)
                self.assertIn(f'profile "web" does not allow {control}: ', done.stderr)
                self.assertIn(words, done.stderr)
                self.assert_told(done.stderr, f"run.{control}, profile web")
                if good is not None:  # ctr knows no option for another user
                    self.assert_runs(self.start(good, *ECHO))

    def test_audit_reports_and_starts_it(self):
        self.control(mode="audit", users=["non-root"], capabilities={"allow": []})
        self.assert_runs(self.start((), *ECHO))
        part = self.decision(decision="would-deny", rule="run.users")["unmapped"]["runward"]
        self.assertIn("run.capabilities: ", str(part["warnings"]))

    def test_denied_system_calls_fail_in_it_and_in_what_is_executed_in_it(self):
        self.control(syscalls={"deny": CHMOD}, users=["0"])
        self.assert_runs(self.start((), *TRY), "mkfifo\nend\n")
        name = self.background()
        self.assertEqual(self.execute(name, (), *TRY).stdout, "mkfifo\nend\n")
        done = self.execute(name, ("--user", "7"), *ECHO)
        self.assertNotEqual((done.returncode, done.stdout), (0, "ok\n"))
        self.assertIn("users: user 7 (allowed: 0)", done.stdout + done.stderr)
        self.decision(decision="denied", rule="run.users", operation="exec")


class PodmanControls(Controlled, PodmanTest):
    cases = PODMAN

    def start(self, options, *words):
        return self.podman_run(*options, self.app.name, *words)

    def background(self):
        self.one.podman("--runtime", "runward", "run", "-d", "--name", "held", "--network", "none",
                        self.app.name, "sleep", "1000")
        return "held"

    def execute(self, name, options, *words):
        return self.podman("exec", *options, name, *words)

    def test_exec_privileged_is_refused(self):
        self.control(capabilities={"allow": DOCKERS}, privileged=False)
        name = self.background()
        done = self.execute(name, ("--privileged",), *ECHO)
        self.assertNotEqual((done.returncode, done.stdout), (0, "ok\n"))
        self.assertIn("does not allow ", done.stdout + done.stderr)
        self.decision(decision="denied", operation="exec")


class PodmanCrunControls(PodmanControls):
    runtime = "crun"


class CtrControls(Controlled, GateTest):
    docker_needed = False
    cases = CTR
    number_of = 0

    def start(self, options, *words):
        CtrControls.number_of += 1
        return self.one.ctr_run("--rm", *options, self.app.name, f"k{self.number_of}", *words)

    def background(self):
        done = self.one.ctr_run("-d", self.app.name, "held", "sleep", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        return "held"

    def execute(self, name, options, *words):
        return self.one.ctr("tasks", "exec", "--exec-id", f"e{len(options)}", *options, name, *words,
                            check=False)


if __name__ == "__main__":
    unittest.main()
