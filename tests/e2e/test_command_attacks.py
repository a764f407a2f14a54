"""bin/attack in containers of the real runc, against each tier that this machine has: how often does
code run that is denied?"""

import re
import shutil
import unittest

import commands
from commands import BUILD, Commands

LOADER = "/lib64/ld-linux-x86-64.so.2"
# What no rule about files can see; docs/commands.md names it.
MAPPED = {"anonymous", "mmap", "mmap-shared", "mmap-copy", "memfd-mmap", "mprotect",
          "read-implies-exec"}
# Without BPF: applets told by a second thread. Rules about arguments are not held there.
UNSEEN = MAPPED | {"flipped-argument", "given-argument"}
# By notification: also whatever another thread changes meanwhile.
NOTIFIED = MAPPED | {"flipped-path", "flipped-argument", "given-argument", "swapped-links",
                     "swapped-copies"}
ARGUMENTS = [{"command": "expr", "deny": ["deny-the-word"]}]
# Techniques that make a file of their own: drift alone stops them.
DRIFT = {"copy", "copy-as-allowed", "tmpfile", "unlinked", "overwrite", "rename", "hardlink",
         "chroot-copy", "memfd", "memfd-proc-fd", "loader-copy", "namespace-tmpfs",
         "namespace-overlay", "namespace-volume", "namespace-volume-bind", "swapped-copies"}


class Attacks(unittest.TestCase):
    count = 2000  # tries of each race

    def setUp(self):
        why = commands.needs("/usr/sbin/runc", BUILD / "bin" / "attack")
        if why:
            self.skipTest(why)
        self.one = Commands()
        self.addCleanup(self.one.end)
        for name, place in (("attack", "/attack"), ("attack_payload", "/payload"),
                            ("attack_allowed", "/allowed")):
            self.one.add(place, BUILD / "bin" / name)
        self.one.add(LOADER, LOADER)
        script = self.one.image / "script"
        script.write_text("#!/payload\n")
        script.chmod(0o755)
        (self.one.image / "volume").mkdir()
        self.one.add("/bin/false", link="busybox")
        self.one.remount()

    def attack(self):
        shutil.rmtree(self.one.dir / "volume", ignore_errors=True)
        (self.one.dir / "volume").mkdir()
        config = self.one.configure(["/attack", "--count", str(self.count), "all"],
                                    root={"path": "rootfs", "readonly": False})
        everything = [f"CAP_{name}" for name in ("SYS_ADMIN", "SYS_CHROOT", "DAC_OVERRIDE", "FOWNER",
                                                 "CHOWN", "MKNOD", "SETUID", "SETGID")]
        for kind in ("bounding", "effective", "permitted"):
            config["process"]["capabilities"][kind] = everything
        config["process"]["noNewPrivileges"] = False
        mounts = [m for m in config["mounts"] if m["destination"] != "/volume"]
        mounts.append({"destination": "/volume", "type": "bind", "options": ["rbind", "rw"],
                       "source": str(self.one.dir / "volume")})
        self.one.configure(config["process"]["args"], mounts=mounts, process=config["process"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        ran = {name: int(times) for name, times in
               re.findall(r"^(\S+): ran (\d+) of", done.stdout, re.M)}
        self.assertGreaterEqual(len(ran), 50, done)
        print(f"\n{self.tier}: " + ", ".join(f"{name} {times}" for name, times in ran.items() if times))
        return ran

    def check(self, missed):
        for technique, times in self.attack().items():
            if technique not in missed:
                self.assertEqual(times, 0, technique)

    def test_without_rules_the_code_runs(self):
        self.one.rules()
        self.tier = "no rules"
        ran = self.attack()
        self.assertGreater(sum(1 for times in ran.values() if times), 40, ran)

    def test_with_the_kernels_programs(self):
        self.one.rules(deny=["/payload", "false"], drift="deny", arguments=ARGUMENTS)
        self.one.start_agent()
        self.tier = self.one.status()["tier"]
        if self.tier == "fanotify":
            self.skipTest("no BPF program loads here")
        self.check(MAPPED if self.tier == "fanotify+kill" else {"anonymous"})

    def check_drift(self, *words, missed=frozenset(), **rules):
        self.one.rules(drift="deny", **rules)
        self.one.start_agent(*words)
        self.tier = self.one.status()["tier"] + ", drift"
        ran = self.attack()
        self.assertLessEqual(DRIFT, set(ran))
        for technique in DRIFT - missed:
            self.assertEqual(ran[technique], 0, technique)
        self.assertEqual(ran["direct"], 1)

    def test_drift_with_the_kernels_programs(self):
        self.check_drift()

    def test_drift_with_fanotify_alone(self):
        self.check_drift("--no-bpf", missed=UNSEEN)

    def test_with_fanotify_alone(self):
        self.one.rules(deny=["/payload", "false"], drift="deny")
        self.one.start_agent("--no-bpf")
        self.tier = self.one.status()["tier"]
        self.assertEqual(self.tier, "fanotify")
        self.check(UNSEEN)

    def check_allow_list(self, missed, *words):
        self.one.rules(allow=["/attack", "/allowed", "true"])
        self.one.start_agent(*words)
        self.tier = self.one.status()["tier"] + ", allow list"
        # Without drift nobody sees what a listed file has become.
        self.check(missed | {"overwrite"})

    def check_users(self, missed, *words):
        """A list of what a user may execute: by the agent's word alone, whoever is asked about what."""
        self.one.rules(users=[{"users": ["0"], "allow": ["/attack", "/allowed", "true"]}])
        self.one.start_agent(*words)
        self.tier = self.one.status()["tier"] + ", a user's allow list"
        self.check(missed | {"overwrite"})

    def test_a_users_allow_list_with_the_kernels_programs(self):
        self.check_users(UNSEEN)

    def test_a_users_allow_list_with_fanotify_alone(self):
        self.check_users(UNSEEN, "--no-bpf")

    def test_an_allow_list_with_the_kernels_programs(self):
        self.check_allow_list(MAPPED)

    def test_an_allow_list_with_fanotify_alone(self):
        self.check_allow_list(UNSEEN, "--no-bpf")

    def test_with_notification(self):
        """Advisory: what is changed between its look and the kernel's, and what is not executed, runs."""
        self.one.rules(deny=["/payload", "false"], drift="deny", advisory=True, arguments=ARGUMENTS)
        self.one.start_agent("--notify")
        self.tier = self.one.status()["tier"]
        self.check(NOTIFIED)

    def test_drift_with_notification(self):
        self.check_drift("--notify", missed=NOTIFIED, advisory=True)


if __name__ == "__main__":
    unittest.main()
