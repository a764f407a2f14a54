"""System calls composed with the engine's own profile, before the real runc and crun: what either
denies fails in the container and in what is executed in it; what both allow works."""

import ctypes
import json
import unittest

from bundle import BundleTest

# What a container is asked to do, and how its busybox does it.
TRIES = {"mount": "mount -t tmpfs x /tmp", "chroot": "chroot / true", "unshare": "unshare -i true",
         "sethostname": "hostname other", "mknod": "rm -f /tmp/fifo; mknod /tmp/fifo p"}
ARCHES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]


class Composed:
    """The tests, for each runtime below."""

    def setUp(self):
        super().setUp()
        for applet in ("mount", "chroot", "unshare", "hostname", "mknod", "rm"):
            (self.one.bundle / "rootfs" / "bin" / applet).symlink_to("busybox")
        self.plain = (self.one.bundle / "config.json").read_text()

    def write(self, seccomp=None, args=("true",), nnp=True):
        config = json.loads(self.plain)
        config["process"].update(args=list(args), terminal=False, noNewPrivileges=nnp)
        for sets in config["process"]["capabilities"].values():
            sets.append("CAP_SYS_ADMIN")
            sets.append("CAP_SYS_CHROOT")
        config["root"]["readonly"] = False
        if seccomp is not None:
            config["linux"]["seccomp"] = seccomp
        (self.one.bundle / "config.json").write_text(json.dumps(config))

    def tried(self, seccomp, deny=None, mode="enforce", nnp=True):
        """Which of TRIES worked in the container."""
        script = "; ".join(f"{how} 2>/dev/null && echo {name}" for name, how in TRIES.items())
        self.one.policy(mode=mode, run={"syscalls": {"deny": deny}} if deny else None)
        self.write(seccomp, ["sh", "-c", script + "; echo end"], nnp)
        self.one.call("delete", "--force", "c1")
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.stdout.split()[-1:], ["end"], done.stderr)
        return set(done.stdout.split()[:-1])

    def test_alone_it_denies_what_the_policy_does(self):
        everything = set(TRIES)
        self.assertEqual(self.tried(None), everything)
        self.assertEqual(self.tried(None, ["@mount"]), everything - {"mount", "chroot"})
        self.assertEqual(self.tried(None, ["@namespace", "sethostname"]),
                         everything - {"unshare", "sethostname"})

    def test_with_a_profile_that_denies_some_both_count(self):
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ARCHES, "syscalls": [
            {"names": ["unshare", "mknod", "mknodat"], "action": "SCMP_ACT_ERRNO"}]}
        self.assertEqual(self.tried(profile), {"mount", "chroot", "sethostname"})
        self.assertEqual(self.tried(profile, ["mount", "unshare"]), {"chroot", "sethostname"})

    def test_with_a_profile_that_allows_some_both_count(self):
        names = self.all_names()
        profile = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ARCHES, "syscalls": [
            {"names": [n for n in names if n not in ("unshare", "sethostname")],
             "action": "SCMP_ACT_ALLOW"}]}
        self.assertEqual(self.tried(profile), {"mount", "chroot", "mknod"})
        self.assertEqual(self.tried(profile, ["@mount", "unshare"]), {"mknod"})

    def all_names(self):
        library = ctypes.CDLL("libseccomp.so.2")
        library.seccomp_syscall_resolve_num_arch.restype = ctypes.c_char_p
        found = (library.seccomp_syscall_resolve_num_arch(0, number) for number in range(512))
        return [name.decode() for name in found if name]

    def test_audit_changes_no_filter_and_says_what_enforce_would(self):
        self.assertEqual(self.tried(None, ["@mount"], mode="audit"), set(TRIES))
        part = self.one.events()[-1]["unmapped"]["runward"]
        self.assertEqual(part["decision"], "allowed")
        self.assertIn("in enforce mode these system calls would fail: chroot", str(part["warnings"]))
        self.assertNotIn("seccomp", (self.one.bundle / "config.json").read_text())

    def test_what_is_executed_in_the_container_has_the_same_filter(self):
        self.one.policy(run={"syscalls": {"deny": ["@mount"]}})
        self.write(None, ["sleep", "100"])
        self.assertEqual(self.one.create("c1"), (0, ""))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        script = "grep Seccomp: /proc/self/status; mount -t tmpfs x /tmp || echo refused"
        by_options = self.one.call("exec", "c1", "sh", "-c", script)
        process = json.loads((self.one.bundle / "config.json").read_text())["process"]
        process["args"] = ["sh", "-c", script]
        path = self.one.dir / "process.json"
        path.write_text(json.dumps(process))
        by_process = self.one.call("exec", "--process", path, "c1")
        for done in (by_options, by_process):
            self.assertEqual(done.stdout, "Seccomp:\t2\nrefused\n", done.stderr)

    def test_every_group_leaves_a_container_that_starts(self):
        groups = ["@bpf", "@clock", "@file-handle", "@io-uring", "@kexec", "@keyring", "@module",
                  "@mount", "@namespace", "@obsolete", "@process-memory", "@ptrace", "@quota",
                  "@raw-io", "@swap", "@userfaultfd", "@vm86"]
        for nnp in (True, False):  # without, the filter comes before users and capabilities are set
            with self.subTest(nnp=nnp):
                self.assertEqual(self.tried(None, groups, nnp=nnp), {"sethostname", "mknod"})

    def test_a_profile_for_another_processor_gives_the_runtimes_own_error(self):
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"],
                   "syscalls": [{"names": ["ptrace"], "action": "SCMP_ACT_ERRNO"}]}
        self.write(profile)
        plain = self.one.real("run", "--bundle", str(self.one.bundle), "c1")
        self.one.call("delete", "--force", "c1")
        self.one.policy(run={"syscalls": {"deny": ["@mount"]}})
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, plain.returncode, done.stderr)
        self.assertNotIn("runward", done.stderr)


class RuncComposed(Composed, BundleTest):
    runtime = "runc"


class CrunComposed(Composed, BundleTest):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main(verbosity=2)
