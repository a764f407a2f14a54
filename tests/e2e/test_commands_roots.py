"""Containers whose first process leaves its root for another: they are ruled as they were."""

import json
import os
import unittest

import test_commands

# In a user namespace of its own the first process may mount, and needs nobody's leave.
LEAVE = """exec /bin/busybox unshare -Urm /bin/busybox sh -c '
busybox mount -t tmpfs none /tmp && cd /tmp && busybox mkdir old proc dev && busybox mkfifo never &&
busybox mount --rbind /proc proc && busybox mount --rbind /dev dev && exec 3<>never &&
busybox pivot_root . old && read something <&3'"""


class Left(test_commands.CommandsTest):
    words = ()

    def begin(self, **rules):
        self.one.rules(**rules)
        self.one.start_agent(*self.words)
        config = self.one.configure(["sh", "-c", LEAVE], root={"path": "rootfs", "readonly": False})
        config["process"]["user"] = {"uid": 5, "gid": 5}
        (self.one.bundle / "config.json").write_text(json.dumps(config))
        self.assertEqual(self.one.create("c1")[0], 0, self.one.agent_log())
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        first = json.loads(self.one.call("state", "c1").stdout)["pid"]
        if not self.one.wait_for(lambda: os.path.exists(f"/proc/{first}/root/old/opt/echo")):
            self.skipTest(f"the first process cannot leave its root here: {self.output()}")

    def output(self):
        return (self.one.dir / "c1.out").read_text()

    def inside(self, script, *words):
        done = self.one.call("exec", *words, "c1", "/old/bin/busybox", "sh", "-c", f"/old/bin/busybox {script}; echo $?")
        return done.stdout + done.stderr + f"status {done.returncode}"

    def ruled(self, script, *words):
        out = self.inside(script, *words)
        self.assertNotIn("RAN", out)
        self.assertNotIn("stopped container", out)
        self.assertTrue("not permitted" in out or "137" in out or "-9" in out or "status 255" in out, (out, self.one.agent_log()))

    def again(self, *ways):
        """By what the worker finds, and by what a whole new agent finds."""
        for way in ways:
            way()
            self.assertTrue(self.one.wait_for(self.one.answers), self.one.agent_log())
            self.assertEqual(self.one.status()["containers"], 1)
            yield

    def test_what_the_agent_decides_is_decided_by_the_next(self):
        # With rules of users nothing can be mounted where fanotify decides alone.
        users = {} if self.words else {"users": [{"users": ["1000-2000"], "deny": ["/opt/echo"]}]}
        self.begin(deny=["/bin/nc"], **users)
        self.assertIn("RAN\n0\n", self.inside("env /old/opt/echo RAN"))
        for _ in self.again(lambda: None, self.one.kill_worker, self.anew, self.one.kill_worker):
            if users:
                self.ruled("env /old/opt/echo RAN", "--user", "1500:1500")
            self.ruled("env /old/bin/nc --help")
            self.assertIn("RAN\n0\n", self.inside("env /old/opt/echo RAN"))

    def test_one_of_which_no_more_is_known_executes_nothing(self):
        self.begin(deny=["nothing*"])
        record, = (self.one.root / "run" / "containers").glob("*/plan.json")
        text = record.read_text()
        for way in (self.one.kill_worker, self.anew):
            record.write_text("{")
            for _ in self.again(way):
                record.write_text(text)  # runward needs it too
                self.ruled("env /old/opt/echo RAN")
        self.assertTrue([event for event in self.one.events() if event.get("status_code") == "commands.agent"
                         and "could not be taken in again" in event["status_detail"]])

    def anew(self):
        self.one.kill_both()
        self.one.start_agent(*self.words)


class LeftNoBpf(Left):
    words = ("--no-bpf",)


class LeftKernel(Left):
    def begin(self, **rules):
        super().begin(**rules)
        if self.one.status()["tier"] == "fanotify":
            self.skipTest("no BPF program loads here")

    def test_drift_is_told_by_the_root_that_it_had(self):
        self.begin(drift="deny", driftExcept=["/tmp"], users=[{"users": ["1000-2000"], "deny": ["/opt/echo"]}])
        for _ in self.again(self.one.kill_worker, self.anew):
            self.ruled("env /old/opt/echo RAN", "--user", "1500:1500")
            self.ruled("cp /old/bin/busybox /old/opt/new; /old/opt/new echo RAN")

    def test_the_kernels_programs_keep_what_they_know(self):
        self.begin(deny=["/opt/echo"])
        for _ in self.again(self.one.kill_worker):
            self.one.kill_both()
            self.assertIn("/old/opt/echo\n0\n", self.inside("ls /old/opt/echo"))
            self.ruled("env /old/opt/echo RAN")


if __name__ == "__main__":
    unittest.main()
