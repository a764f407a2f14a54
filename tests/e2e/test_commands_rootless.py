"""Command rules for users' own podman: the administrator's, held by an agent that the user starts."""

import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import test_rootless
from commands import AGENT
from test_rootless import ECHO, USER

DENIED = "operation not permitted"
TIER = "notify (advisory)"


class Commands(test_rootless.Rootless):
    """The fixture of the other file, without its tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for program in ("runward-agent", "runward-hook"):
            shutil.copy(AGENT.parent / program, f"{cls.one.dir}/{program}")

    def setUp(self):
        super().setUp()
        self.image_ = self.good_image()
        self.log = pathlib.Path(self.one.dir, "agent-log")
        for path in pathlib.Path(self.one.runtime_dir, "runward").glob("*.sock"):
            path.unlink()

    def rules(self, mode="enforce", advisory=True, **rules):
        self.permit({**self.ALL, "mode": mode, "commands": {**rules, "advisory": advisory}})

    def start_agent(self):
        with open(self.log, "wb") as output:
            agent = subprocess.Popen(
                ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "podman", "unshare",
                 f"{self.one.dir}/runward-agent", "--user"],
                env=self.one.env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/")
        self.addCleanup(self.stop, agent)
        socket = pathlib.Path(self.one.runtime_dir, "runward", "agent.sock")
        for _ in range(200):
            if socket.exists() or agent.poll() is not None:
                break
            os.sched_yield()
            subprocess.run(["sleep", "0.05"], check=True)
        self.assertIsNone(agent.poll(), self.log.read_text())

    def agents(self):
        """podman stands before them, and does not hand signals on."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "exe") == f"{self.one.dir}/runward-agent":
                    yield int(entry.name)
            except OSError:
                continue

    def stop(self, agent):
        self.one.remove_containers()
        for process in self.agents():
            os.kill(process, signal.SIGKILL)
        agent.wait(10)

    def told(self):
        return [event["unmapped"]["runward"] | {"rule": event.get("status_code")}
                for event in self.one.logged() if event["unmapped"]["runward"]["operation"] == "command"]

    def test_denied_commands_fail_and_the_users_log_says_what_was_tried(self):
        self.rules(deny=["wget"])
        self.start_agent()
        done = self.podman_run(self.image_.name, "sh", "-c", "/bin/wget x; echo ok")
        self.assertEqual(done.stdout, "ok\n", (done, self.log.read_text()))
        self.assertIn(DENIED, done.stderr.lower())
        (event,) = self.told()
        self.assertEqual((event["decision"], event["rule"], event["tier"]), ("denied", "commands.deny", TIER))
        self.assertEqual(event["args"], ["/bin/wget", "x"])

    def test_drift_and_exec_are_held_too(self):
        self.rules(drift="deny", exec={"allow": ["sh", "cat"]})
        self.start_agent()
        done = self.one.podman("--runtime", "runward", "run", "-d", "--name", "held", "--network", "none",
                               self.image_.name, "sleep", "1000", check=False)
        self.assertEqual(done.returncode, 0, (done, self.log.read_text()))
        done = self.podman("exec", "held", "cat", "/etc/number")
        self.assertEqual(done.returncode, 0, done)
        done = self.podman("exec", "held", "sh", "-c", "cp /bin/busybox /tmp/cat; /tmp/cat /etc/number")
        self.assertIn(DENIED, done.stderr.lower(), done)
        done = self.podman("exec", "held", "ls")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(DENIED, (done.stdout + done.stderr).lower())

    def test_without_her_agent_nothing_starts_and_the_refusal_says_how_to_start_it(self):
        self.rules(deny=["wget"])
        done = self.podman_run(self.image_.name, *ECHO)
        self.assertEqual(done.returncode, 126, done)
        self.assertIn("(rule commands.agent", done.stderr)
        self.assertIn("podman unshare runward-agent --user", done.stderr)
        self.rules(mode="audit", deny=["wget"])
        self.assert_runs(self.podman_run(self.image_.name, *ECHO))
        self.decision(decision="would-deny", rule="commands.agent")

    def test_who_does_not_accept_an_advisory_tier_has_nothing_started(self):
        self.rules(deny=["wget"], advisory=False)
        self.start_agent()
        self.assertIn("(rule commands.advisory", self.podman_run(self.image_.name, *ECHO).stderr)

    def test_rules_of_her_own_policy_are_refused_rather_than_not_held(self):
        self.permit()
        self.one.own_policy({**self.FREE, "commands": {"deny": ["wget"]}})
        done = self.podman_run(self.image_.name, *ECHO)
        self.assertEqual(done.returncode, 126, done)
        self.assertIn("(rule commands.rootless", done.stderr)

    def test_the_agent_wants_a_user_namespace_for_it(self):
        done = subprocess.run([AGENT, "--user"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("podman unshare runward-agent --user", done.stderr)


class CommandsRunc(Commands):
    runtime = "runc"


for name in unittest.defaultTestLoader.getTestCaseNames(test_rootless.Rootless):
    setattr(Commands, name, None)

if __name__ == "__main__":
    unittest.main()
