"""Learning: what containers execute is recorded by image."""

import json
import subprocess
import unittest

import test_commands
from commands import BUILD


# By their paths: busybox' shell runs some of its applets without executing anything.
class Learn(test_commands.CommandsTest):
    def setUp(self):
        super().setUp()
        self.one.add("/bin/cp", link="busybox")
        self.one.remount()

    def lines(self):
        files = list((self.one.root / "log" / "commands").glob("*.jsonl"))
        self.assertLessEqual(len(files), 1)
        return files[0].read_text().splitlines() if files else []

    def learned(self):
        """(file, applet, user, parent) of each line."""
        found = [json.loads(line) for line in self.lines()[1:]]
        return [(one["command"], one.get("applet", ""), one["user"], one["parent"])
                for one in found]

    def report(self, *words):
        return subprocess.run([BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                               "report", "commands", *words], text=True, capture_output=True,
                              check=True).stdout


class Recorded(Learn):
    def test_each_command_once_with_its_user_and_what_executed_it(self):
        self.one.rules(mode="audit", learn=True)
        self.one.start_agent()
        self.sh("/bin/ls; /bin/ls /; /opt/echo hi || true")
        self.sh("/bin/ls")
        self.assertEqual(sorted(self.learned()), [
            ("/bin/busybox", "ls", 0, "/bin/busybox"),
            ("/bin/busybox", "sh", 0, "start"),
            ("/opt/echo", "", 0, "/bin/busybox")])
        self.assertEqual(self.one.commands(), [])
        self.assertIn("/bin/busybox as ls", self.report())
        one = json.loads(self.report("--json").splitlines()[0])
        self.assertEqual(one["parent"], "start")

    def test_users_are_the_containers(self):
        self.one.rules(mode="audit", learn=True)
        self.one.start_agent()
        config = json.loads((self.one.bundle / "config.json").read_text())
        config["process"]["user"] = {"uid": 7, "gid": 7}
        self.one.configure(["sh", "-c", "/bin/ls"], process=config["process"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual({one[2] for one in self.learned()}, {7})

    def test_exec_from_outside_scripts_and_drift(self):
        script = self.one.image / "opt" / "script"
        script.write_text("#!/bin/sh\ntrue\n")
        script.chmod(0o755)
        self.one.remount()
        self.one.rules(mode="audit", learn=True)
        self.one.start_agent()
        self.one.configure(["sleep", "60"], root={"path": "rootfs", "readonly": False})
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.addCleanup(lambda: self.one.call("delete", "--force", "c1"))
        self.one.call("start", "c1", check=True)
        self.one.call("exec", "c1", "/opt/script", check=True)
        self.one.call("exec", "c1", "sh", "-c", "/bin/cp /bin/busybox /tmp/ls && /tmp/ls /", check=True)
        learned = self.learned()
        self.assertIn(("/opt/script", "", 0, "exec"), learned)
        self.assertIn(("/bin/busybox", "sh", 0, "exec"), learned)
        self.assertIn(("/tmp/ls", "", 0, "/bin/busybox"), learned)
        drifted = [json.loads(line) for line in self.lines()[1:] if "drift" in json.loads(line)]
        self.assertEqual([one["command"] for one in drifted], ["/tmp/ls"])

    def test_what_would_be_denied_is_recorded_what_is_denied_is_not(self):
        self.one.rules(mode="audit", learn=True, deny=["ls"])
        self.one.start_agent()
        self.sh("/bin/ls")
        self.assertIn(("/bin/busybox", "ls", 0, "/bin/busybox"), self.learned())
        self.assertEqual([one["decision"] for one in self.one.commands()], ["would-deny"])
        self.one.rules(learn=True, deny=["nc"])
        self.sh("/bin/nc; true")
        self.assertNotIn("/bin/nc", [one[0] for one in self.learned()])

    def test_another_agent_goes_on_where_a_killed_one_stopped(self):
        self.one.rules(mode="audit", learn=True)
        self.one.start_agent()
        self.sh("/bin/ls")
        before = self.lines()
        path = next((self.one.root / "log" / "commands").glob("*.jsonl"))
        with path.open("a") as file:
            file.write('{"command":"/bin/ha')
        self.one.kill_worker()
        self.assertTrue(self.one.wait_for(self.one.answers))
        self.sh("/bin/ls; /bin/id")
        self.assertEqual(self.lines()[:len(before)], before)
        self.assertEqual(len(self.lines()), len(before) + 1)

    def test_a_record_that_cannot_be_written_is_said_and_stops_nothing(self):
        self.one.rules(mode="audit", learn=True)
        (self.one.root / "log").mkdir(mode=0o700)
        (self.one.root / "log" / "commands").write_text("in the way")
        self.one.start_agent()
        self.assertIn("ok", self.sh("/bin/ls; /bin/id; echo ok"))
        events = [one for one in self.one.commands() if one["rule"] == "commands.learn"]
        self.assertEqual(len(events), 1, self.one.commands())
        self.assertEqual(events[0]["decision"], "error")


class OnVolumes(Learn):
    def setUp(self):
        super().setUp()
        self.one.rules(mode="audit", learn=True)
        self.one.start_agent()
        if self.one.status()["tier"] == "fanotify":
            self.skipTest("no BPF program loads here")

    def test_what_is_executed_from_a_volume(self):
        volume = self.one.dir / "volume"
        volume.mkdir()
        config = json.loads((self.one.bundle / "config.json").read_text())
        mounts = config["mounts"] + [{"destination": "/vol", "type": "bind", "source": str(volume),
                                      "options": ["rbind", "rw"]}]
        self.one.configure(["sh"], mounts=mounts)
        self.sh("/bin/cp /bin/busybox /vol/ls; /vol/ls /; true")
        self.assertTrue(self.one.wait_for(
            lambda: "/vol/ls" in [one[0] for one in self.learned()]), self.learned())
        # Those that fanotify was asked about are there once, with what executed them.
        self.assertEqual([one for one in self.learned() if one[0] == "/bin/busybox"],
                         [("/bin/busybox", "sh", 0, "start"), ("/bin/busybox", "cp", 0, "/bin/busybox")])
        self.assertEqual(self.one.commands(), [])


if __name__ == "__main__":
    unittest.main()
