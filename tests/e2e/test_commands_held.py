"""Containers whose filesystems do not answer: they keep the agent waiting for a while, and no longer."""

import subprocess
import time
import unittest

import slow_files
import test_commands
from slow_files import SlowFiles

LONG = 25  # seconds: a look takes eight at most, and the next worker begins anew


class Held(test_commands.CommandsTest):
    notify = False

    def setUp(self):
        super().setUp()
        if not slow_files.usable():
            self.skipTest("no FUSE here")
        self.one.add("/bin/mount", link="busybox")
        (self.one.image / "slow").mkdir()
        (self.one.image / "usr" / "local" / "bin").mkdir(parents=True)
        self.one.remount()
        self.slow = SlowFiles(self.one.dir / "slow-files")
        self.addCleanup(self.slow.end)
        self.one.rules(deny=["nc"], **({"advisory": True} if self.notify else {}))
        self.one.start_agent(*(["--notify"] if self.notify else []))

    def start(self, name, script="exec sleep 1000"):
        config = self.one.configure(["sh", "-c", script], root={"path": "rootfs", "readonly": False})
        for kind in ("bounding", "effective", "permitted"):
            config["process"]["capabilities"][kind] = ["CAP_SYS_ADMIN"]
        mounts = [m for m in config["mounts"] if m["destination"] != "/slow"]
        mounts.append({"destination": "/slow", "type": "bind", "options": ["bind", "rw"],
                       "source": str(self.slow.place)})
        self.one.configure(config["process"]["args"], process=config["process"], mounts=mounts)
        code, out = self.one.create(name)
        self.assertEqual(code, 0, (out, self.one.agent_log()))
        self.assertEqual(self.one.call("start", name).returncode, 0)

    def output(self, name):
        return (self.one.dir / f"{name}.out").read_text()

    def told(self, decision, rule):
        return [event for event in self.one.events()
                if event["unmapped"]["runward"]["decision"] == decision
                and event.get("status_code") == rule]

    def execs(self, name, *words):
        start = time.monotonic()
        done = self.one.call("exec", name, *words)
        return done, time.monotonic() - start


class Fanotify(Held):
    def test_a_worker_that_looks_for_its_containers_asks_nothing_of_their_filesystems(self):
        self.start("c1", "mount --bind /slow /usr/local/bin && echo mounted; exec sleep 1000")
        self.assertTrue(self.one.wait_for(lambda: "mounted" in self.output("c1")), self.output("c1"))
        self.start("c2")
        self.one.kill_worker()
        done, took = self.execs("c2", "/bin/echo", "ok")
        self.assertEqual(done.stdout, "ok\n", (done, self.one.agent_log()))
        self.assertFalse(self.slow.asked.is_set())
        self.assertLess(took, 5)
        self.assertEqual(self.one.status()["containers"], 2)
        self.assertEqual(self.told("error", "commands.held"), [])
        for name in ("c1", "c2"):
            self.assertIn("not permitted", str(self.execs(name, "/bin/nc", "--help")[0]))
        self.assertFalse(self.slow.asked.is_set())
        self.assertEqual(self.execs("c2", "/bin/echo", "ok")[0].stdout, "ok\n")


class Notify(Fanotify):
    notify = True

    def test_a_call_that_leads_to_files_that_do_not_answer_holds_up_nobody_for_ever(self):
        self.start("c1", "/slow/program; echo status $?; /bin/echo again; echo status $?; exec sleep 1000")
        self.start("c2")
        self.assertTrue(self.slow.asked.wait(10))
        done, took = self.execs("c2", "/bin/echo", "ok")
        self.assertEqual(done.stdout, "ok\n", (done, self.one.agent_log()))
        self.assertLess(took, LONG)
        self.assertIn("not permitted", str(self.execs("c2", "/bin/nc", "--help")[0]))
        # What held it up was not let through, nor is anything else there.
        self.assertTrue(self.one.wait_for(lambda: self.output("c1").count("status 126") == 2), self.output("c1"))
        self.assertEqual(len(self.told("error", "commands.held")), 1)
        self.assertGreaterEqual(len(self.told("denied", "commands.held")), 2)


del Held

if __name__ == "__main__":
    unittest.main()
