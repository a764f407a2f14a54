"""Run controls under docker: what is forbidden fails at create, at exec and at update, what is
allowed works, and audit changes nothing."""

import json
import os
import pathlib
import re

from controls import STATUS, rights
from gate import GateTest, run, unittest

ECHO = ("echo", "ok")
# What docker gives without being asked.
USUAL = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
         "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"]
NO_NEW = ("--security-opt", "no-new-privileges")
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "policies"
BIND = ("--opt", "type=none", "--opt", "o=bind", "--opt")


class ControlledTest(GateTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root = cls.one.data_root
        # Those of docker's files that its data directory holds elsewhere than usual.
        cls.mounts = {"deny": ["@host", "@bpf", "@engine-sockets"],
                      "allow": [f"{root}/containers", f"{root}/volumes"]}
        if not os.path.ismount("/srv"):  # not the host's, and nothing is left there
            run("mount", "-t", "tmpfs", "tmpfs", "/srv")
            cls.addClassCleanup(run, "umount", "-l", "/srv", check=False)
        os.makedirs("/srv/data")

    def setUp(self):
        super().setUp()
        self.app = self.good_image().name

    def control(self, mode="enforce", **run):
        rule = {"run": run} if run else {}
        self.set_policy({"name": "web", "match": {}, "mode": mode, **rule})

    def start(self, *words):
        done = self.docker("run", "-d", "--runtime", "runward", *words, self.app, "sleep", "100")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def assert_exec_refused(self, done, control, words):
        self.assertEqual((done.returncode, done.stdout.count("ok")), (126, 0), done)
        told = done.stdout + done.stderr
        event = self.decision(decision="denied", rule=f"run.{control}", operation="exec")
        self.assertIn("OCI runtime exec failed: runward refused exec of container", told)
        self.assertIn(f"(rule run.{control}, profile web, event {event['metadata']['uid']})", told)
        self.assertIn(f'profile "web" does not allow {control}: {words}', told)

    def cases(self):
        """The control, its rule, docker's words that it refuses, some that it allows, and words of
        the refusal."""
        binds = {"mounts": self.mounts}
        socket = f"{self.one.socket}:/s"
        self.one.docker("volume", "create", *BIND, "device=/etc", "hidden")
        self.addCleanup(self.one.docker, "volume", "rm", "-f", "hidden")
        os.makedirs("/srv/more", exist_ok=True)
        for name, layers in (("layered", "/etc:/srv/data"), ("plain", "/srv/data:/srv/more")):
            self.one.docker("volume", "create", "--opt", "type=overlay", "--opt", "device=overlay",
                            "--opt", f"o=lowerdir={layers}", name)
            self.addCleanup(self.one.docker, "volume", "rm", "-f", name)
        # Filesystems of their own, which show what /proc and /sys do.
        for kind in ("proc", "sysfs", "tmpfs"):
            self.one.docker("volume", "create", "--opt", f"type={kind}", "--opt", f"device={kind}",
                            f"a-{kind}")
            self.addCleanup(self.one.docker, "volume", "rm", "-f", f"a-{kind}")
        kernels = {"mounts": {"deny": ["/proc", "/sys"]}}
        keep = {"capabilities": {"allow": USUAL}}
        return [
            ("users", {"users": ["non-root"]}, (), ("--user", "5"), "user 0 (allowed: non-root)"),
            ("users", {"users": ["app"]}, ("--user", "7"), ("--user", "app"), "user 7 (allowed: 1000, app)"),
            ("groups", {"groups": ["1-99"]}, ("--user", "5:5", "--group-add", "0"), ("--user", "5:5"),
             "group 0 (allowed: 1-99)"),
            ("privileged", {"privileged": False}, ("--privileged",), (), "all devices, all capabilities"),
            ("privileged", {"privileged": False}, ("--cap-add", "ALL"), (), "all capabilities"),
            ("capabilities", keep, ("--cap-add", "SYS_PTRACE"), (), "SYS_PTRACE (allowed: AUDIT_WRITE"),
            ("capabilities", {"capabilities": {"allow": ["CHOWN"]}}, (),
             ("--cap-drop", "ALL", "--cap-add", "CHOWN"), "AUDIT_WRITE, DAC_OVERRIDE"),
            ("noNewPrivileges", {"noNewPrivileges": True}, (), NO_NEW, "new privileges"),
            ("hostNamespaces", {"hostNamespaces": []}, ("--network", "host"), (), "network (allowed: none)"),
            ("hostNamespaces", {"hostNamespaces": ["uts"]}, ("--pid", "host", "--uts", "host"),
             ("--uts", "host"), "pid (allowed: uts)"),
            ("hostNamespaces", {"hostNamespaces": []}, ("--ipc", "host"), ("--ipc", "private"), "ipc"),
            ("mounts", kernels, ("-v", "a-proc:/v"), ("-v", "a-tmpfs:/v"), "a-proc"),
            ("mounts", kernels, ("-v", "a-sysfs:/v"), (), "a-sysfs"),
            ("mounts", binds, ("-v", "/etc:/x"), ("-v", "/srv/data:/x"), '"/etc" at "/x", within "/etc"'),
            ("mounts", binds, ("-v", "/:/x:ro"), ("-v", "named:/x"), "above"),
            ("mounts", binds, ("-v", "hidden:/x"), ("--tmpfs", "/x"), "/etc"),
            ("mounts", binds, ("-v", "layered:/x"), ("-v", "plain:/x"), 'within "/etc"'),
            ("mounts", binds, ("-v", socket), (), "within"),
            ("devices", {"devices": {"allow": []}}, ("--device", "/dev/loop-control:/dev/l"), (),
             '"/dev/l" (c 10:237)'),
            ("devices", {"devices": {"allow": ["/dev/loop-*"]}}, ("--device-cgroup-rule", "b *:* rw"),
             ("--device", "/dev/loop-control"), "access to b *:*"),
            # To a runtime that is all access to all devices.
            ("devices", {"devices": {"allow": []}}, ("--device-cgroup-rule", "a *:* m"),
             ("--device-cgroup-rule", "c *:* m"), "access to a *:*"),
            ("privileged", {"privileged": False}, ("--device-cgroup-rule", "a 1:3 m"),
             ("--device-cgroup-rule", "c 1:3 rwm"), "all devices"),
            ("readOnlyRoot", {"readOnlyRoot": True}, (), ("--read-only",), "writable root"),
            ("limits", {"limits": ["memory", "pids"]}, ("--pids-limit", "9"),
             ("--pids-limit", "50", "--memory", "64m"), "no limit of memory"),
            ("syscalls", {"syscalls": {"unconfined": "deny"}}, ("--security-opt", "seccomp=unconfined"),
             (), "no seccomp profile"),
        ]


class AtCreate(ControlledTest):
    def test_each_control_refuses_what_it_forbids_and_lets_pass_what_it_allows(self):
        for control, rule, bad, good, words in self.cases():
            with self.subTest(control=control, bad=bad):
                self.control(**rule)
                done = self.docker_run(*bad, self.app, *ECHO)
                event = self.assert_docker_refuses(done, f"run.{control}, profile web",
                                                   f'profile "web" does not allow {control}: ', words)
                self.assertIn(f"run.{control}: ", str(event["unmapped"]["runward"]["warnings"]))
                self.assert_runs(self.docker_run(*good, self.app, *ECHO))

    def test_audit_reports_each_and_the_container_is_that_of_plain_runc(self):
        for control, rule, bad, _good, words in self.cases():
            with self.subTest(control=control, bad=bad):
                self.control(mode="audit", **rule)
                plain = self.docker_run(*bad, self.app, *STATUS, runtime="runc")
                audited = self.docker_run(*bad, self.app, *STATUS)
                self.assertEqual(self.seen(audited), self.seen(plain), audited.stderr)
                part = self.decision(decision="would-deny", rule=f"run.{control}")["unmapped"]["runward"]
                self.assertIn(words.split(" (")[0], str(part["warnings"]).replace("\\", ""))

    def seen(self, done):
        status, mounts = rights(done.stdout)
        # A container has an id, and overlays and caches that are named by chance.
        return done.returncode, status, [re.sub("[0-9a-f]{64}", "ID", mount) for mount in mounts]

    def test_all_that_is_too_much_is_named_at_once(self):
        self.control(users=["non-root"], hostNamespaces=[], readOnlyRoot=True,
                     capabilities={"allow": []})
        done = self.docker_run("--network", "host", self.app, *ECHO)
        self.assert_docker_refuses(done, "run.users", "; capabilities: AUDIT_WRITE",
                                   "; hostNamespaces: network", "; readOnlyRoot: a writable")
        self.assertIn("Next: run it as another user (--user), or change the profile's", done.stderr)

    def test_another_containers_namespaces_may_be_joined_unless_they_are_the_hosts(self):
        other = self.start()
        self.control(hostNamespaces=[])
        for kind in ("network", "pid"):
            self.assert_runs(self.docker_run(f"--{kind}", f"container:{other}", self.app, *ECHO))
        self.enforce()
        host = self.start("--network", "host", "--pid", "host")
        self.control(hostNamespaces=[])
        for kind in ("network", "pid"):
            done = self.docker_run(f"--{kind}", f"container:{host}", self.app, *ECHO)
            self.assert_docker_refuses(done, "run.hostNamespaces", f"hostNamespaces: {kind}")


class Later(ControlledTest):
    def test_exec_may_not_ask_for_more_than_create_could(self):
        self.control(users=["1000-1999"], groups=["1000"], privileged=False,
                     capabilities={"allow": USUAL}, noNewPrivileges=True)
        name = self.start("--user", "1000:1000", *NO_NEW)
        self.assertEqual(self.docker("exec", name, *ECHO).stdout, "ok\n")
        self.assertEqual(self.docker("exec", "--user", "1001:1000", name, *ECHO).stdout, "ok\n")
        for words, control, told in (
                (("--user", "0:1000"), "users", "user 0 (allowed: 1000-1999)"),
                (("--user", "root"), "users", "user 0"),
                (("--user", "1000:7"), "groups", "group 7 (allowed: 1000)"),
                (("--privileged",), "privileged", "all capabilities")):
            with self.subTest(words=words):
                self.assert_exec_refused(self.docker("exec", *words, name, *ECHO), control, told)

    def test_capabilities_that_were_dropped_do_not_come_back_by_exec(self):
        self.control(capabilities={"allow": ["CHOWN"]})
        name = self.start("--cap-drop", "ALL", "--cap-add", "CHOWN")
        self.assertIn("CapBnd:\t0000000000000001\n", self.docker("exec", name, *STATUS).stdout)
        done = self.docker("exec", "--privileged", name, *ECHO)
        self.assert_exec_refused(done, "capabilities", "AUDIT_CONTROL")

    def test_audited_exec_is_reported_and_is_that_of_plain_runc(self):
        self.control(mode="audit", users=["non-root"], capabilities={"allow": []})
        plain = self.docker("run", "-d", self.app, "sleep", "100").stdout.strip()
        name = self.start()
        self.assertEqual(rights(self.docker("exec", name, *STATUS).stdout)[0],
                         rights(self.docker("exec", plain, *STATUS).stdout)[0])
        part = self.decision(decision="would-deny", rule="run.users", operation="exec")
        self.assertIn("run.capabilities: AUDIT_WRITE", str(part))

    def test_update_may_change_limits_and_lift_none(self):
        self.control(limits=["pids"])
        name = self.start("--pids-limit", "50")
        done = self.docker("update", "--pids-limit", "60", name)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.docker("update", "--pids-limit", "-1", name)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("limits: no limit of pids", done.stderr)
        self.decision(decision="denied", rule="run.limits", operation="update")
        self.assertEqual(self.docker("exec", name, *ECHO).stdout, "ok\n")

    def test_a_policy_that_changes_later_does_not_change_a_running_container(self):
        self.control(users=["non-root"])
        name = self.start("--user", "5")
        self.control()
        done = self.docker("exec", "--user", "0", name, *ECHO)
        self.assert_exec_refused(done, "users", "user 0")


class Syscalls(ControlledTest):
    """Composed with docker's own profile, which is there in each container."""

    TRY = ("sh", "-c", "chmod 700 /tmp && echo chmod; mkfifo /tmp/f && echo mkfifo; echo end")

    def tried(self, *words, options=()):
        done = self.docker_run(*options, self.app, *(words or self.TRY))
        self.assertEqual(done.stdout.split()[-1:], ["end"], done.stderr)
        return done.stdout.split()[:-1]

    def test_what_either_denies_fails_and_what_both_allow_works(self):
        self.control(syscalls={"deny": ["chmod", "fchmod", "fchmodat"]})
        self.assertEqual(self.tried(), ["mkfifo"])
        # Denied by docker's profile alone: it stays so.
        self.assertEqual(self.tried("sh", "-c", "unshare -m echo unshared; echo end"), [])
        self.assertEqual(self.tried(options=("--security-opt", "seccomp=unconfined")), ["mkfifo"])
        self.control()
        self.assertEqual(self.tried(), ["chmod", "mkfifo"])

    def test_what_is_executed_later_has_the_same_filter(self):
        self.control(syscalls={"deny": ["chmod", "fchmod", "fchmodat"]})
        name = self.start()
        done = self.docker("exec", name, *self.TRY)
        self.assertEqual(done.stdout.split(), ["mkfifo", "end"], done.stderr)

    def test_a_restart_composes_anew_from_dockers_own(self):
        self.control(syscalls={"deny": ["chmod", "fchmod", "fchmodat"]})
        name = self.start()
        self.control(syscalls={"deny": ["mknod", "mknodat"]})
        self.docker("restart", "-t", "0", name)
        self.assertEqual(self.docker("exec", name, *self.TRY).stdout.split(), ["chmod", "end"])

    def test_all_controls_together_leave_a_service_that_works(self):
        self.control(users=["non-root"], groups=["non-root"], privileged=False,
                     capabilities={"allow": USUAL}, noNewPrivileges=True, hostNamespaces=[],
                     mounts=self.mounts, devices={"allow": []}, readOnlyRoot=True,
                     limits=["memory", "pids"],
                     syscalls={"deny": ["@mount", "@module", "@ptrace", "@bpf", "@keyring"],
                               "unconfined": "deny"})
        name = self.start("--user", "1000:1000", "--read-only", "--memory", "64m", "--pids-limit",
                          "50", "--init", "-v", "named:/data", "-p", "127.0.0.1:0:80", *NO_NEW)
        self.assertEqual(self.docker("exec", name, *ECHO).stdout, "ok\n")
        self.decision(decision="allowed", operation="exec")


class Examples(ControlledTest):
    """The policies in examples/: the command lines that they name fit what they allow."""

    @classmethod
    def make_engines(cls, **options):
        # Not below /run, which is the host's; docker's own place is known to the examples' groups.
        run("mount", "-t", "tmpfs", "tmpfs", "/srv")
        cls.addClassCleanup(run, "umount", "-l", "/srv", check=False)
        return super().make_engines(data_root="/srv/docker", **options)

    def test_the_command_lines_that_they_name_start_and_others_do_not(self):
        image = self.app
        commented = re.compile(r"docker run((?:.|\n//)*?) IMAGE")
        for name in ("web-server", "database"):
            text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
            words = commented.search(text)[1].replace("\\\n//", " ").split()
            plain = "\n".join(line.split("//")[0] for line in text.splitlines())
            profile = json.loads(re.sub(r",(\s*[\]}])", r"\1", plain))["profiles"][0]
            self.set_policy({**profile, "match": {}})
            with self.subTest(name=name):
                self.assertGreater(len(words), 5)
                self.assert_runs(self.docker_run(*words, image, *ECHO))
                done = self.docker_run(image, *ECHO)
                self.assertIn("(rule run.", done.stderr)
                for more in (["--privileged"], ["-v", "/etc:/x"], ["--pid", "host"]):
                    done = self.docker_run(*words, *more, image, *ECHO)
                    self.assertIn("(rule run.", done.stderr)


if __name__ == "__main__":
    unittest.main()
