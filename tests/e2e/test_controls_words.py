"""Words that a runtime reads otherwise than they look: in a configuration, and in a call."""

import json
import subprocess
import unittest

from bundle import BundleTest


class Words:
    """The tests, for each runtime below."""

    def change(self, change, args=("sh", "-c", "id -u; mount -t tmpfs x /tmp && echo MOUNTED")):
        config = self.one.configure(list(args))
        change(config)
        (self.one.bundle / "config.json").write_text(json.dumps(config))

    def start(self, *globals_):
        command = self.one.command(*globals_, "run", "--bundle", self.one.bundle, "c1")
        self.one.call("delete", "--force", "c1")
        return subprocess.run(command, text=True, capture_output=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL)

    def test_a_nul_ends_no_system_calls_name(self):
        self.one.policy(run={"syscalls": {"deny": ["@mount"], "unconfined": "deny"}})
        for action, default in (("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"),
                                ("SCMP_ACT_LOG", "SCMP_ACT_ALLOW")):
            def change(config, default=default, action=action):
                config["linux"]["seccomp"] = {"defaultAction": default, "syscalls": [
                    {"names": ["mount\0x"], "action": action}]}
                for sets in config["process"]["capabilities"].values():
                    sets.append("CAP_SYS_ADMIN")
            self.change(change)
            self.assert_refused(self.start(), "NUL character")

    def test_what_is_no_name_of_a_system_call_is_refused(self):
        for name in (5, None, ["read"], {}):
            def change(config, name=name):
                config["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                    {"names": [name], "action": "SCMP_ACT_ERRNO"}]}
            self.change(change)
            self.assert_refused(self.start(), "no name of a system call")

    def test_the_id_that_leaves_root_as_it_is(self):
        self.one.policy(run={"users": ["non-root"], "groups": ["non-root"]})
        for key in ("uid", "gid"):
            def change(config, key=key):
                config["process"]["user"] = {"uid": 7, "gid": 7, key: 4294967295}
            self.change(change)
            self.assert_refused(self.start(), "must be a user or group id")

    def test_an_annotation_names_no_file_of_the_hosts(self):
        for stream in ("stdout", "stderr"):
            target = self.one.dir / stream
            self.change(lambda config, stream=stream, target=target: config.update(
                annotations={f"run.oci.hooks.{stream}": str(target)},
                hooks={"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", "echo x; echo x >&2"]}]}))
            self.assert_refused(self.start(), "rule run.mounts", f"run.oci.hooks.{stream}")
            self.assertFalse(target.exists())

    def test_an_exec_stays_in_the_containers_cgroups(self):
        self.one.policy(run={"privileged": False})
        self.change(lambda config: None, ["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.one.call("start", "c1")
        for cgroup in ("/..", "..", "a/../.."):
            done = self.one.call("exec", f"--cgroup={cgroup}", "c1", "cat", "/proc/self/cgroup")
            self.assertEqual((done.returncode, done.stdout), (255, ""))
            self.assertIn("rule run.privileged", done.stderr)
        self.assertEqual(self.one.call("exec", "c1", "echo", "ran").stdout, "ran\n")

    def test_an_exec_has_no_id_that_leaves_root_as_it_is(self):
        self.one.policy(run={"users": ["non-root"]})
        self.change(lambda config: config["process"].update(user={"uid": 7, "gid": 7}),
                    ["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.one.call("start", "c1")
        for user in ("4294967295", "4294967295:7"):
            done = self.one.call("exec", "--user", user, "c1", "id")
            self.assertEqual((done.returncode, done.stdout), (255, ""))
            self.assertIn("rule run.users", done.stderr)
        process = self.one.dir / "process.json"
        process.write_text(json.dumps({"args": ["id"], "cwd": "/", "user": {"uid": 4294967295}}))
        done = self.one.call("exec", "--process", process, "c1")
        self.assertEqual((done.returncode, done.stdout), (255, ""))
        self.assertIn("a user or group id", done.stderr)


class Runc(Words, BundleTest):
    runtime = "runc"


class Crun(Words, BundleTest):
    runtime = "crun"

    def test_a_call_cannot_do_without_cgroups(self):
        self.one.runtime(self.one.program)  # whose cgroups nobody has disabled
        for run in ({"limits": ["pids"]}, {"devices": {"allow": []}}, {"privileged": False}):
            self.one.policy(run=run)
            self.change(lambda config: config["linux"].update(resources={
                "pids": {"limit": 50}, "devices": [{"allow": False, "access": "rwm"}]}))
            self.assert_refused(self.start("--cgroup-manager=disabled"), "--cgroup-manager=disabled")


if __name__ == "__main__":
    unittest.main()
