"""Rules that are left to the agent (of users, of exec, patterns) hold on volumes, through whatever mount, and on
what a container mounts itself; and an agent that is stopped stalls nobody on the host."""

import json
import os
import shutil
import signal
import subprocess
import unittest

import test_commands_ways

FORBIDDEN = ("--user", "1500:1500")
TOOL = "printf"  # an applet of busybox, and here a file of its own
USERS = [{"users": ["non-root"], "deny": [TOOL]}]
IT = (f"/vol/{TOOL}", "RAN\\n")
CAPABILITIES = [f"CAP_{name}" for name in ("SYS_ADMIN", "SYS_CHROOT", "SETUID", "DAC_OVERRIDE", "MKNOD")]


class Volumes(test_commands_ways.Entered):
    """A container with a program on a volume, which its root may mount elsewhere."""

    mount = "/bin/busybox mount"

    def setUp(self):
        super().setUp()
        self.volume = self.one.dir / "volume"
        self.volume.mkdir(mode=0o755)
        shutil.copy("/bin/busybox", self.volume / TOOL)
        shutil.copy("/bin/busybox", self.volume / "echo")
        (self.one.image / "vol").mkdir()
        (self.one.image / "vol2").mkdir()
        self.one.add(f"/opt/{TOOL}")
        self.one.remount()

    def begin(self, user=0, mode="enforce", propagation=None, covers=(), **rules):
        """`covers`: mounts at the volume's place, over it."""
        self.one.rules(mode=mode, **rules)
        self.one.start_agent(*self.words)
        config = self.one.configure(["sleep", "1000"], root={"path": "rootfs", "readonly": False})
        for kind in ("bounding", "effective", "permitted"):
            config["process"]["capabilities"][kind] = CAPABILITIES
        mounts = [one for one in config["mounts"] if one["destination"] != "/vol"]
        mounts.append({"destination": "/vol", "type": "bind", "source": str(self.volume),
                       "options": ["rbind", "rw", *([propagation] if propagation else [])]})
        mounts.extend(covers)
        self.one.configure(["sleep", "1000"], mounts=mounts, process=config["process"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, (out, self.one.agent_log()))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def run_in(self, *words, flags=()):
        """What became of a program that says "RAN"."""
        done = self.one.call("exec", *flags, "c1", *words)
        return done.stdout + done.stderr + f"status {done.returncode}"

    def runs(self, *words, flags=()):
        self.assertIn("RAN\n", self.run_in(*words, flags=flags), self.one.commands()[-1:])

    def fails(self, *words, flags=(), rule=None):
        """It does not run; the event of it."""
        before = len(self.one.commands())
        out = self.run_in(*words, flags=flags)
        self.assertNotIn("RAN", out)
        if rule is None:
            return None
        self.assertTrue(self.one.wait_for(lambda: len(self.one.commands()) > before), out)
        event = self.one.commands()[-1]
        self.assertEqual((event["decision"], event["rule"]), ("denied", rule), (event, out))
        return event

    def told(self):
        """The last event."""
        return json.dumps(self.one.events()[-1])

    def prepare(self, script):
        """As root of the container."""
        out = self.inside(f"set -e; {script}; echo prepared")
        self.assertIn("prepared", out)

    def again(self, *ways):
        yield
        for way in ways:
            way()
            self.assertTrue(self.one.wait_for(self.one.answers), self.one.agent_log())
            self.assertEqual(self.one.status()["containers"], 1)
            yield

    def anew(self):
        self.one.kill_both()
        self.one.start_agent(*self.words)


class Kernel(Volumes):
    """A program of the agent's is in the kernel."""

    def test_a_user_who_may_not_execute_it_does_not_on_a_volume(self):
        self.begin(users=USERS)
        # The agent that comes when both processes are dead asks about the same mounts again.
        for _ in self.again(self.one.kill_worker, self.anew, self.one.kill_worker):
            self.fails(*IT, flags=FORBIDDEN, rule="commands.users.deny")
            self.runs(*IT)
            self.runs("/vol/echo", "RAN", flags=FORBIDDEN)

    def test_nobody_executes_through_a_copy_of_the_mount(self):
        self.begin(users=USERS)
        self.prepare(f"/bin/busybox mkdir /bound; {self.mount} --bind /vol /bound")
        for _ in self.again(self.one.kill_worker):
            self.fails(f"/bound/{TOOL}", "RAN\\n", flags=FORBIDDEN, rule="commands.agent")
            self.assertIn("through a mount that the container did not have at its start", self.told())
            self.assertIn("mount it before the container starts", self.told())
            # Not even who may: nobody was asked who he is.
            self.fails("/bin/busybox", "unshare", "-m", *IT, rule="commands.agent")
            self.runs(*IT)
            self.runs("/bin/busybox", "unshare", "-m", "/opt/echo", "RAN")

    def test_nobody_executes_on_what_the_container_mounted(self):
        self.begin(users=USERS)
        self.prepare(f"/bin/busybox mkdir /own; {self.mount} -t tmpfs none /own; cd /own;"
                     f"/bin/busybox mkdir l u w m; /bin/busybox cp /opt/{TOOL} /own/l/{TOOL};"
                     f"{self.mount} -t overlay -o lowerdir=/own/l,upperdir=/own/u,workdir=/own/w none /own/m")
        for place in (f"/own/l/{TOOL}", f"/own/m/{TOOL}"):
            for flags in ((), FORBIDDEN):
                self.fails(place, "RAN\\n", flags=flags, rule="commands.agent")

    def test_what_is_mounted_in_the_volume_later_is_not_executed(self):
        subprocess.run(["mount", "--bind", self.volume, self.volume], check=True)
        self.addCleanup(subprocess.run, ["umount", "-R", "-l", self.volume], check=False)
        subprocess.run(["mount", "--make-shared", self.volume], check=True)
        (self.volume / "later").mkdir()
        self.begin(propagation="rslave", users=USERS)
        subprocess.run(["mount", "-t", "tmpfs", "runward-test", self.volume / "later"], check=True)
        shutil.copy("/bin/busybox", self.volume / "later" / TOOL)
        self.assertIn(TOOL, self.inside("/bin/busybox ls /vol/later"))
        self.fails(f"/vol/later/{TOOL}", "RAN\\n", rule="commands.agent")
        self.runs(*IT)

    def test_what_an_exec_may_start_is_no_program_of_a_mount_of_the_containers_own(self):
        self.begin(exec={"allow": ["sh", "busybox", "echo"]})
        self.prepare(f"/bin/busybox mkdir /bound; {self.mount} --bind /vol /bound")
        self.fails(*IT, rule="commands.exec.allow")
        self.runs("/vol/echo", "RAN")
        self.fails(f"/bound/{TOOL}", "RAN\\n", rule="commands.agent")

    def test_as_whom_an_exec_may_start_something_holds_on_a_volume(self):
        self.begin(exec={"users": ["0"]})
        self.runs("/vol/echo", "RAN")
        self.fails("/vol/echo", "RAN", flags=FORBIDDEN, rule="commands.exec.users")
        self.fails("/bin/busybox", "unshare", "-m", "/vol/echo", "RAN", rule="commands.agent")

    def test_patterns_hold_on_a_volume(self):
        self.begin(deny=["print*", "/vol2/*"])
        self.fails(*IT, rule="commands.deny")
        self.runs("/vol/echo", "RAN")
        self.fails("/bin/busybox", "unshare", "-m", *IT, rule="commands.agent")

    def test_rules_that_the_kernel_knows_ask_for_nobodys_word(self):
        self.begin(deny=["nc"])
        self.prepare(f"/bin/busybox mkdir /bound; {self.mount} --bind /vol /bound")
        self.runs(f"/bound/{TOOL}", "RAN\\n")
        self.runs("/bin/busybox", "unshare", "-m", *IT)

    def test_a_root_that_is_no_overlay_is_a_volume(self):
        subprocess.run(["umount", self.one.bundle / "rootfs"], check=True)
        shutil.copytree(self.one.image, self.one.bundle / "rootfs", symlinks=True, dirs_exist_ok=True)
        self.begin(users=[*USERS, {"users": ["non-root"], "deny": ["/opt/echo"]}])
        for _ in self.again(self.one.kill_worker, self.anew):
            self.runs("/opt/echo", "RAN")
            self.fails("/opt/echo", "RAN", flags=FORBIDDEN, rule="commands.users.deny")
            self.fails("/bin/busybox", "unshare", "-m", "/opt/echo", "RAN", rule="commands.agent")

    def test_nothing_is_allowed_by_the_path_that_the_container_mounts_it_at(self):
        self.begin(users=[{"users": ["non-root"], "allow": ["/opt/echo"]}])
        self.runs("/opt/echo", "RAN", flags=FORBIDDEN)
        bind = f"{self.mount} --bind /opt/{TOOL} /opt/echo"
        self.prepare(bind)
        self.fails("/opt/echo", "RAN\\n", flags=FORBIDDEN, rule="commands.users.allow")
        # Nor where its mount has the number of one that was there.
        self.prepare("""number=$(/bin/busybox awk '$5 == "/vol" {print $1}' /proc/self/mountinfo)
            /bin/busybox umount /vol; turn=0
            until /bin/busybox grep -q "^$number " /proc/self/mountinfo; do
              [ $turn -lt 500 ]; turn=$((turn + 1)); %s; done""" % bind)
        self.fails("/opt/echo", "RAN\\n", flags=FORBIDDEN, rule="commands.users.allow")

    def test_layers_on_several_filesystems(self):
        """Where stat(2) has another device for a file than its mount has."""
        subprocess.run(["umount", self.one.bundle / "rootfs"], check=True)
        lower = self.one.dir / "lower"
        lower.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "runward-test", lower], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", lower], check=False)
        shutil.copytree(self.one.image, lower, symlinks=True, dirs_exist_ok=True)
        layers = f"lowerdir={lower},upperdir={self.one.bundle}/upper,workdir={self.one.bundle}/work,xino=off"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.one.bundle / "rootfs"], check=True)
        self.begin(users=[*USERS, {"users": ["non-root"], "deny": ["/opt/echo"]}])
        root = self.one.bundle / "rootfs"
        self.assertNotEqual((root / "opt" / "echo").stat().st_dev, root.stat().st_dev)
        for words in ((), ("/bin/busybox", "unshare", "-m")):
            self.runs(*words, "/opt/echo", "RAN")
        self.runs(*IT)
        self.fails("/opt/echo", "RAN", flags=FORBIDDEN, rule="commands.users.deny")
        self.fails(*IT, flags=FORBIDDEN, rule="commands.users.deny")

    def test_a_hook_of_the_runtimes_in_its_namespaces_is_not_the_containers(self):
        said = self.one.dir / "hook-said"
        hook = {"path": "/bin/sh", "args": ["sh", "-c", f"/bin/ls / > {said}"]}
        config = json.loads((self.one.bundle / "config.json").read_text())
        (self.one.bundle / "config.json").write_text(json.dumps(config | {"hooks": {"createContainer": [hook]}}))
        # Who executes what, the rule would say of a container's process, too.
        self.begin(users=[{"users": ["0"], "allow": ["sleep", "sh"]}], exec={"allow": ["sh"]})
        self.assertIn("proc\n", said.read_text())
        self.assertEqual(self.one.commands(), [])
        self.fails("/vol/echo", "RAN", rule="commands.users.allow")

    def test_a_mount_that_gets_the_number_of_the_runtimes_root_is_the_containers(self):
        for path in ("/opt/sh", "/opt/sleep"):
            self.one.add(path)
        self.one.remount()
        self.one.rules(users=[{"users": ["0"], "deny": ["echo"]}])
        self.one.start_agent(*self.words)
        said = self.one.bundle / "rootfs" / "said"
        script = "/opt/echo RAN > /said; /opt/echo RAN >> /said; echo end >> /said; exec /opt/sleep 1000"
        config = self.one.configure(["/opt/sh", "-c", script], root={"path": "rootfs", "readonly": False})
        # What the runtime mounts when it has let go of its root.
        linux = config["linux"] | {"readonlyPaths": ["/opt"], "maskedPaths": []}
        hook = {"path": "/bin/true"}
        for more in ({"annotations": {"createContainer": "x"}}, {"hooks": {"createContainer": [hook]}}):
            with self.subTest(more=more):
                self.one.call("delete", "--force", "c1")
                said.unlink(missing_ok=True)
                text = json.dumps(config | {"linux": linux} | more)
                (self.one.bundle / "config.json").write_text(text)
                code, out = self.one.create("c1")
                self.assertEqual(code, 0, (out, self.one.agent_log()))
                self.assertEqual(self.one.call("start", "c1").returncode, 0)
                self.assertTrue(self.one.wait_for(lambda: said.exists() and "end" in said.read_text()))
                self.assertEqual(said.read_text(), "end\n")

    def test_in_audit_mode_it_is_told_and_runs(self):
        self.begin(mode="audit", users=USERS)
        self.runs(*IT, flags=FORBIDDEN)
        self.assertTrue(self.one.wait_for(self.one.commands))
        self.prepare(f"/bin/busybox mkdir /bound; {self.mount} --bind /vol /bound")
        self.runs(f"/bound/{TOOL}", "RAN\\n")
        self.assertTrue(self.one.wait_for(lambda: len(self.one.commands()) >= 2))
        self.assertEqual([(one["decision"], one["rule"]) for one in self.one.commands()],
                         [("would-deny", "commands.users.deny"), ("would-deny", "commands.agent")])

    def test_without_any_agent_nothing_is_executed_on_a_volume(self):
        self.begin(users=USERS)
        self.runs(*IT)
        self.one.kill_both()
        self.fails(*IT)
        self.one.start_agent(*self.words)
        self.runs(*IT)
        rules = {(one["decision"], one["rule"]) for one in self.one.commands()}
        self.assertEqual(rules, {("denied", "commands.agent")})

    def stopped(self):
        worker = self.one.worker()
        os.kill(worker, signal.SIGSTOP)
        self.addCleanup(os.kill, worker, signal.SIGCONT)
        return worker

    def test_an_agent_that_is_stopped_stalls_the_container_and_not_the_host(self):
        self.begin(users=USERS)
        worker = self.stopped()
        waiting = subprocess.Popen(self.one.command("exec", "c1", *IT), text=True, cwd=self.one.dir,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(waiting.kill)
        for _ in range(20):
            done = subprocess.run([self.volume / TOOL, "RAN\\n"], text=True, capture_output=True,
                                  timeout=5, check=True)
            self.assertEqual(done.stdout, "RAN\n")
            self.assertTrue((self.volume / TOOL).read_bytes().startswith(b"\x7fELF"))
        self.assertIsNone(waiting.poll())
        os.kill(worker, signal.SIGCONT)
        self.assertEqual(waiting.communicate(timeout=20)[0], "RAN\n")

    def test_nor_does_one_whose_rules_deny_a_file_of_the_volume(self):
        self.begin(deny=[f"/vol/{TOOL}", f"/opt/{TOOL}"], users=USERS)
        for place in ("vol", "opt"):
            self.fails(f"/{place}/{TOOL}", "RAN\\n", rule="commands.deny")
        self.stopped()
        for words in (["cat", self.volume / TOOL], [self.volume / TOOL, "RAN\\n"]):
            done = subprocess.run(words, capture_output=True, timeout=5, check=True)
            self.assertIn(b"ELF" if words[0] == "cat" else b"RAN\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
