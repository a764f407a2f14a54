"""Command rules: what runward-agent lets be executed in containers of the real runc and crun."""

import json
import os
import re
import signal
import subprocess
import time
import unittest

import commands
from commands import BUILD, Commands

DENIED = "Operation not permitted"


class CommandsTest(unittest.TestCase):
    runtime = "runc"

    def setUp(self):
        why = commands.needs("/usr/sbin/runc", *(["/usr/bin/crun"] if self.runtime == "crun" else []))
        if why:
            self.skipTest(why)
        self.one = Commands(self.runtime)
        self.addCleanup(self.one.end)
        self.one.add("/bin/nc")
        self.one.add("/opt/echo")
        self.one.remount()

    def sh(self, script, *words, check=0):
        """Runs a shell script in a container and returns what it printed."""
        self.one.configure(["sh", "-c", script], root={"path": "rootfs", "readonly": False})
        done = self.one.call("run", *words, "--bundle", self.one.bundle, "c1")
        if check is not None:
            self.assertEqual(done.returncode, check, (done, self.one.agent_log()))
        return done.stdout + done.stderr

    def last(self):
        self.assertTrue(self.one.wait_for(self.one.commands), self.one.agent_log())
        return self.one.commands()[-1]


class Rules(CommandsTest):
    def test_without_the_agent_nothing_starts_that_has_rules(self):
        self.one.rules(deny=["nc"])
        out = self.sh("true", check=1)
        self.assertIn("(rule commands.agent", out)
        self.assertIn("systemctl start runward-agent", out)

    def test_an_audited_container_starts_without_the_agent_and_says_so(self):
        self.one.rules(mode="audit", deny=["nc"])
        self.assertEqual(self.sh("echo ok"), "ok\n")
        self.assertIn("would-deny", self.one.decisions())

    def test_a_denied_command_fails_and_the_event_says_what_was_tried(self):
        self.one.rules(deny=["nc"])
        self.one.start_agent()
        out = self.sh("nc -l 1234; echo $?; echo ok")
        self.assertIn(DENIED, out)
        self.assertIn("ok\n", out)
        event = self.last()
        self.assertEqual((event["decision"], event["rule"], event["executable"]),
                         ("denied", "commands.deny", "/bin/nc"))
        self.assertEqual((event["tier"], event["args"]), ("fanotify+kill", ["nc", "-l", "1234"]))

    def test_paths_and_patterns_are_denied_and_other_names_of_the_same_file(self):
        self.one.rules(deny=["/opt/*"])
        self.one.start_agent()
        self.assertIn(DENIED, self.sh("/opt/echo ran; true"))
        self.one.rules(deny=["/opt/echo"])
        out = self.sh("mkdir /a; ln /opt/echo /a/echo; mv /opt/echo /bin/echo; /a/echo ran; /bin/echo ran; true")
        self.assertEqual(out.count(DENIED), 2, out)

    def test_an_allow_list_allows_nothing_else(self):
        self.one.rules(allow=["sh", "ls"])
        self.one.start_agent()
        out = self.sh("ls / > /dev/null && echo listed; /opt/echo ran; true")
        self.assertIn("listed\n", out)
        self.assertIn(DENIED, out)
        self.assertEqual(self.last()["rule"], "commands.allow")

    def test_drift_is_denied(self):
        self.one.rules(drift="deny")
        self.one.start_agent()
        out = self.sh("for d in /tmp /dev/shm /dev; do cp /bin/busybox $d/echo; $d/echo ran; done;"
                      "printf '#!/bin/sh\\necho ran\\n' > /tmp/s; chmod +x /tmp/s; /tmp/s;"
                      "cp /bin/busybox /opt/echo; /opt/echo ran; ls /bin/nc; echo ok")
        self.assertNotIn("ran\n", out)
        self.assertEqual(out.count(DENIED) + out.count("Permission denied"), 5, out)
        self.assertIn("/bin/nc\nok\n", out)

    def test_drift_excepts_what_is_listed_and_may_only_warn(self):
        script = "cp /bin/busybox /tmp/echo; /tmp/echo ran; true"
        self.one.rules(drift="deny", driftExcept=["/tmp"])
        self.one.start_agent()
        self.assertIn("ran\n", self.sh(script))
        self.assertEqual(self.one.commands(), [])
        self.one.rules(drift="warn")
        self.assertIn("ran\n", self.sh(script))
        self.assertEqual(self.last()["decision"], "allowed")

    def test_audit_only_says_it(self):
        self.one.rules(mode="audit", deny=["nc"], drift="deny")
        self.one.start_agent()
        self.assertNotIn(DENIED, self.sh("nc --help; true"))
        event = self.last()
        self.assertEqual((event["decision"], event["rule"]), ("would-deny", "commands.deny"))

    def test_users_have_rules_of_their_own(self):
        self.one.rules(users=[{"users": ["1000-2000"], "deny": ["ls", "/opt/echo"]}])
        self.one.start_agent()
        self.assertNotIn(DENIED, self.sh("/opt/echo ran"))
        config = self.one.configure(["/opt/echo", "true"])
        config["process"]["user"] = {"uid": 1500, "gid": 1500}
        (self.one.bundle / "config.json").write_text(json.dumps(config))
        done = self.one.call("run", "--bundle", self.one.bundle, "c2")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("commands.users.deny", done.stderr)

    # How agents are started, and the tier that has to be theirs, if one has.
    agents = (([], None), (["--no-bpf"], "fanotify"))

    def test_policy_explain_shows_what_becomes_of_the_configuration(self):
        def explained(*words):
            return subprocess.run([BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}",
                                   "policy", "explain", "--bundle", self.one.bundle, *words],
                                  capture_output=True, text=True, check=False).stdout

        config = self.one.bundle / "config.json"
        self.one.configure(["true"])
        before = config.read_text()
        self.one.rules(drift="deny")
        self.assertIn("in enforce mode it does not start: runward-agent", explained())
        for words, tier in self.agents:
            self.one.start_agent(*words)
            tier = tier or self.one.status()["tier"]
            for mode in ("audit", "enforce"):
                config.write_text(before)
                self.one.rules(mode=mode, drift="deny")
                self.assertIn(f"ruled by {tier};", explained())
                after = explained("--resulting")
                self.assertIn('"KEY"', after)
                self.sh_as_configured()
                left = re.sub('("register","|"(enforce|audit) )[0-9a-f]{64}"', r'\1KEY"', config.read_text())
                self.assertEqual(left, after)
                asks = tier.startswith("notify")
                self.assertEqual('"noexec","rnoexec"' in after or '"execveat"' in after,
                                 asks or (tier == "fanotify" and mode == "enforce"))
                self.assertEqual("SCMP_ACT_NOTIFY" in after, asks)
            self.one.stop_agents()

    def sh_as_configured(self):
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, 0, done)

    def test_a_rule_against_the_containers_own_command_refuses_it_at_create(self):
        self.one.rules(deny=["busybox"])
        self.one.start_agent()
        out = self.sh("true", check=1)
        self.assertIn("(rule commands.deny", out)
        self.assertIn("the container's own command", out)


class Exec(CommandsTest):
    def start(self, **rules):
        self.one.rules(**rules)
        self.one.start_agent()
        self.one.configure(["sleep", "100"], root={"path": "rootfs", "readonly": False})
        self.assertEqual(self.one.create("c1")[0], 0, self.one.agent_log())
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def test_exec_may_start_what_is_listed_as_whom_is_listed(self):
        self.start(exec={"allow": ["sh"], "users": ["0"]})
        self.assertEqual(self.one.call("exec", "c1", "/bin/sh", "-c", "/opt/echo in").stdout,
                         "in\n")
        self.assertNotEqual(self.one.call("exec", "c1", "/opt/echo", "true").returncode, 0)
        self.assertEqual(self.last()["rule"], "commands.exec.allow")
        self.assertNotEqual(self.one.call("exec", "--user", "5:5", "c1", "/bin/sh", "-c", ":").returncode, 0)
        self.assertEqual(self.last()["rule"], "commands.exec.users")

    def test_killed_processes_of_the_agent_come_back_and_nothing_gets_through(self):
        self.start(deny=["nc"])
        agent = self.one.agents[0]
        for _ in range(5):
            self.one.kill_worker()
            done = self.one.call("exec", "c1", "/bin/nc", "--help")
            self.assertIn("not permitted", done.stderr + done.stdout, self.one.agent_log())
            self.assertEqual(self.one.call("exec", "c1", "/bin/ls", "/bin/nc").stdout, "/bin/nc\n")
        agent.kill()
        agent.wait()
        done = self.one.call("exec", "c1", "/bin/nc", "--help")
        self.assertIn("not permitted", done.stderr + done.stdout, self.one.agent_log())
        self.assertTrue(self.one.wait_for(self.one.answers))
        self.assertEqual(self.one.status()["containers"], 1)
        self.one.call("delete", "--force", "c1")
        self.assertTrue(self.one.wait_for(lambda: self.one.status()["containers"] == 0))

    def test_a_file_stays_the_command_that_it_was_after_a_restart_of_the_agent(self):
        self.start(deny=["nc"])
        self.one.call("exec", "c1", "/bin/busybox", "mv", "/bin/nc", "/bin/other")
        for kill in (self.one.kill_worker, self.one.start_agent):
            kill()
            self.assertTrue(self.one.wait_for(self.one.answers))
            done = self.one.call("exec", "c1", "/bin/other", "--help")
            self.assertIn("not permitted", done.stderr + done.stdout)

    def test_a_new_agent_takes_over_and_the_old_one_goes(self):
        self.start(deny=["nc"])
        old = self.one.agents[0]
        before = self.one.worker()
        self.one.start_agent()
        self.assertEqual(old.wait(5), 0)
        self.assertTrue(self.one.wait_for(lambda: self.one.worker() != before))
        self.assertEqual(self.one.status()["containers"], 1)
        done = self.one.call("exec", "c1", "/bin/nc", "--help")
        self.assertIn("not permitted", done.stderr + done.stdout, self.one.agent_log())

    def test_an_agent_that_is_told_to_stop_stays_for_its_containers(self):
        self.start(deny=["nc"])
        agent = self.one.agents[0]
        agent.terminate()
        self.assertEqual(agent.wait(5), 0)
        done = self.one.call("exec", "c1", "/bin/nc", "--help")
        self.assertIn("not permitted", done.stderr + done.stdout, self.one.agent_log())
        self.one.call("delete", "--force", "c1")
        self.assertTrue(self.one.wait_for(lambda: not self.one.answers()))

    def test_a_stopped_worker_makes_execs_wait(self):
        self.start(deny=["nc"])
        worker = self.one.worker()
        os.kill(worker, signal.SIGSTOP)
        command = self.one.command("exec", "c1", "/bin/ls", "/bin/nc")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            time.sleep(0.5)
            self.assertIsNone(process.poll())
            os.kill(worker, signal.SIGCONT)
            self.assertEqual(process.communicate(timeout=10)[0], "/bin/nc\n")

    def test_with_both_processes_dead_the_kernel_goes_on_by_itself(self):
        self.start(deny=["nc"], drift="deny")
        if self.one.status()["tier"] == "fanotify":
            self.skipTest("no BPF program loads here")
        self.one.kill_both()
        self.assertFalse(self.one.answers())
        done = self.one.call("exec", "c1", "/bin/sh", "-c", "/bin/nc --help; echo $?")
        self.assertNotIn("BusyBox", done.stdout + done.stderr)
        self.assertEqual(done.stdout, "137\n", done)
        done = self.one.call("exec", "c1", "/bin/sh", "-c",
                             "cp /bin/busybox /tmp/echo; /tmp/echo ran; echo $?")
        self.assertEqual(done.stdout, "137\n", done)
        self.one.start_agent()
        self.assertEqual(self.one.status()["containers"], 1)
        self.assertTrue(self.one.wait_for(lambda: [
            event for event in self.one.events() if "killed before" in event["status_detail"]]))
        done = self.one.call("exec", "c1", "/bin/nc", "--help")
        self.assertIn("not permitted", done.stderr + done.stdout)

    def test_with_both_processes_dead_what_only_they_can_judge_is_not_executed(self):
        for rules in ({"users": [{"users": ["1000-2000"], "deny": ["/opt/echo"]}]}, {"deny": ["/opt/e*"]},
                      {"deny": ["/opt/later"]}, {"exec": {"users": ["0"]}}, {"exec": {"allow": ["sh"]}}):
            self.start(**rules)
            if self.one.status()["tier"] not in ("lsm", "fmod_ret", "fanotify+kill"):
                self.skipTest("no BPF program loads here")
            self.assertEqual(self.one.call("exec", "c1", "/bin/sh", "-c", "/bin/ls /bin/nc").stdout, "/bin/nc\n")
            self.one.kill_both()
            words = ("exec", "--user", "1500:1500", "c1", "/bin/sh", "-c")
            for command in ("/opt/echo RAN", "cp /opt/echo /opt/later; /opt/later RAN", "echo RAN"):
                done = self.one.call(*words, command)
                self.assertEqual(done.stdout, "", (rules, done))
                self.assertNotEqual(done.returncode, 0)
            self.one.start_agent()
            self.assertTrue(self.one.wait_for(lambda: [
                event for event in self.one.commands() if event["rule"] == "commands.agent"]))
            self.assertEqual(self.one.call("exec", "c1", "/bin/sh", "-c", "/bin/ls /bin/nc").stdout, "/bin/nc\n")
            self.one.call("delete", "--force", "c1")
            self.one.stop_agents()


if __name__ == "__main__":
    unittest.main()
