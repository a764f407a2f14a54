"""Command rules by seccomp notification alone: the tests of other tiers once more, and its own."""

import concurrent.futures
import json
import os
import signal
import subprocess
import threading
import time
import unittest

import test_commands
from test_commands import BUILD, DENIED

TIER = "notify (advisory)"
LOADER = "/lib64/ld-linux-x86-64.so.2"


class Notified(test_commands.CommandsTest):
    """Agents are started so that nothing better decides, and policies say that this will do."""

    def setUp(self):
        super().setUp()
        rules, start = self.one.rules, self.one.start_agent

        def advisory(mode="enforce", **commands):
            if commands:
                commands.setdefault("advisory", True)
            rules(mode=mode, **commands)

        self.one.rules = advisory
        self.one.start_agent = lambda *words: start("--notify", *words)

    def begin(self, **rules):
        """A container that is entered from outside."""
        self.one.rules(**rules)
        self.one.start_agent()
        self.one.configure(["sleep", "1000"], root={"path": "rootfs", "readonly": False})
        self.assertEqual(self.one.create("c1")[0], 0, self.one.agent_log())
        self.assertEqual(self.one.call("start", "c1").returncode, 0)

    def seccomp(self):
        config = json.loads((self.one.bundle / "config.json").read_text())
        return config["linux"].get("seccomp", {})


class Rules(Notified, test_commands.Rules):
    agents = (([], TIER),)

    def test_a_denied_command_fails_and_the_event_says_what_was_tried(self):
        self.one.rules(deny=["nc"])
        self.one.start_agent()
        self.assertEqual(self.one.status()["tier"], TIER)
        out = self.sh("/bin/nc -l 1234; echo $?; echo ok")
        self.assertIn(DENIED, out)
        self.assertIn("ok\n", out)
        (event,) = self.one.commands()
        self.assertEqual((event["decision"], event["rule"], event["executable"], event["tier"]),
                         ("denied", "commands.deny", "/bin/nc", TIER))
        self.assertEqual((event["args"], event["user"]), (["/bin/nc", "-l", "1234"], "0:0"))
        self.assertRegex(event["parent"], r"^sh \(\d+\)$")

    def test_who_does_not_accept_an_advisory_tier_is_not_given_one(self):
        self.one.rules(advisory=False, deny=["nc"])
        self.one.start_agent()
        out = self.sh("true", check=1)
        self.assertIn("(rule commands.advisory", out)
        self.assertIn('"advisory": true in the profile\'s commands', out)
        self.one.rules(mode="audit", advisory=False, deny=["nc"])
        self.assertNotIn(DENIED, self.sh("/bin/nc --help; true"))
        self.assertEqual(self.seccomp(), {})
        self.assertEqual(self.one.commands(), [])
        self.assertEqual(self.one.events()[-1]["status_code"], "commands.advisory")

    def test_an_audited_container_is_asked_about_where_that_is_accepted(self):
        self.one.rules(mode="audit", deny=["nc"])
        self.one.start_agent()
        self.assertNotIn(DENIED, self.sh("/bin/nc --help; /no/such/file; true"))
        self.assertEqual([(one["decision"], one["tier"]) for one in self.one.commands()],
                         [("would-deny", TIER)])

    def test_a_bundle_asks_nobody_any_more_once_it_has_no_rules(self):
        self.one.rules(deny=["nc"])
        self.one.start_agent()
        for _ in range(2):
            self.sh("true")
            self.assertEqual(self.seccomp()["listenerPath"], str(self.one.root / "run" / "calls.sock"))
        self.one.rules()
        self.sh("true")
        self.assertNotIn("listenerPath", self.seccomp())
        self.assertNotIn("SCMP_ACT_NOTIFY", str(self.seccomp()))

    def test_a_profile_that_asks_another_is_refused(self):
        self.one.rules(deny=["nc"])
        self.one.start_agent()
        config = self.one.configure(["true"])
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/other.sock",
                   "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_NOTIFY"}]}
        self.one.configure(["true"], linux=config["linux"] | {"seccomp": profile})
        code, out = self.one.create("c1")
        self.assertNotEqual(code, 0)
        self.assertIn("has a listener of its own", out)

    def test_an_annotation_takes_nobody_the_listener(self):
        self.one.rules(deny=["nc"])
        self.one.start_agent()
        for key in ("run.oci.seccomp.receiver", "run.oci.seccomp_bpf_data"):
            self.one.configure(["true"], annotations={key: "/run/other.sock"})
            code, out = self.one.create("c1")
            self.assertNotEqual(code, 0)
            self.assertIn("(rule commands.seccomp", out)

    def test_what_the_profile_denies_stays_denied(self):
        self.one.rules(deny=["nc"])
        self.one.start_agent()
        config = self.one.configure(["true"])
        profile = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
        self.one.configure(["true"], linux=config["linux"] | {"seccomp": profile})
        out = self.sh("mkdir /tmp/x; /bin/nc; echo ok")
        self.assertEqual(out.count(DENIED), 2, out)
        self.assertIn("ok\n", out)


class Ways(Notified):
    """Other ways to a command than its name, and what leads nowhere."""

    def setUp(self):
        super().setUp()
        self.one.add(LOADER, LOADER)
        self.one.add("/opt/allowed", BUILD / "bin" / "attack_allowed")
        script = self.one.image / "opt" / "script"
        script.write_text("#!/bin/nc x\n")
        script.chmod(0o755)
        self.one.remount()
        self.one.start_agent()

    def test_a_file_is_told_however_it_is_reached(self):
        self.one.rules(deny=["nc"])
        ways = ("ln -s /bin/nc /tmp/l; /tmp/l", "cd /bin; ./nc", "cd /dev/shm; ../../bin/nc",
                "exec 3</bin/nc; /proc/self/fd/3", "/proc/self/root/bin/nc",
                "cd /bin; /proc/self/cwd/nc", "/proc/thread-self/root/../bin/nc",
                "ln -s /proc/self/root/bin /tmp/b; /tmp/b/../bin/nc", "/opt/script",
                f"{LOADER} /bin/nc", "ln -s /opt/script /tmp/s; /tmp/s",
                "printf '#!/opt/script\\n' > /tmp/t; chmod +x /tmp/t; /tmp/t")
        for way in ways:
            out = self.sh(f"{way}; echo status $?; rm -f /tmp/*")
            self.assertIn(DENIED, out, way)
        self.assertEqual({event["tier"] for event in self.one.commands()}, {TIER})

    def test_what_is_allowed_is_found_the_same_ways(self):
        self.one.rules(deny=["nc"])
        for way in ("ln -s /opt/allowed /tmp/l; /tmp/l", "cd /opt; ./allowed",
                    "cd /dev/shm; ../../opt/allowed", "exec 3</opt/allowed; /proc/self/fd/3",
                    "/proc/self/root/opt/allowed", "cd /opt; /proc/self/cwd/allowed",
                    "/proc/thread-self/root/../opt/allowed",
                    "printf '#!/opt/allowed\\n' > /tmp/t; chmod +x /tmp/t; /tmp/t"):
            self.assertIn("ran\n", self.sh(f"{way} && echo ran; rm -f /tmp/*"), way)
        self.assertEqual(self.one.commands(), [])

    def test_what_leads_nowhere_fails_as_ever(self):
        self.one.rules(deny=["nc"])
        out = self.sh("/no/such; /bin/sh/x; ln -s /tmp/o /tmp/o; /tmp/o; /bin; true")
        for text in ("/no/such: not found", "/bin/sh/x: not found", "/bin: Permission denied"):
            self.assertIn(text, out)
        self.assertEqual(self.one.commands(), [])

    def test_arguments_are_judged_by_what_the_caller_has(self):
        self.one.rules(arguments=[{"command": "ls", "deny": ["-l"]}])
        out = self.sh("/bin/ls -l /; /bin/ls / && echo listed")
        self.assertIn(DENIED, out)
        self.assertIn("listed\n", out)


class Exec(Notified, test_commands.Exec):
    def test_with_both_processes_dead_the_kernel_goes_on_by_itself(self):
        """It answers that there is no such call."""
        self.begin(deny=["nc"])
        agent, worker = self.one.agents[0], self.one.worker()
        agent.send_signal(signal.SIGSTOP)  # so that it does not make another worker meanwhile
        os.kill(worker, signal.SIGKILL)
        agent.kill()
        agent.wait()
        for command in ("/bin/nc", "/bin/ls"):
            done = self.one.call("exec", "c1", command)
            self.assertNotEqual(done.returncode, 0, done)
            self.assertEqual(done.stdout, "")

    def test_fifty_at_once(self):
        self.begin(deny=["nc"])

        def enter(number):
            command = ["/bin/nc", "--help"] if number % 2 else ["/bin/echo", "ok"]
            return number, self.one.call("exec", "c1", *command)

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            for number, done in pool.map(enter, range(50)):
                if number % 2:
                    self.assertIn("not permitted", done.stdout + done.stderr)
                else:
                    self.assertEqual(done.stdout, "ok\n", done)
        self.assertEqual(len(self.one.commands()), 25)


class Interrupted(Notified):
    """Signals take calls back, and the agent is stopped and killed while it has them."""

    def setUp(self):
        super().setUp()
        if not (BUILD / "bin" / "restless").exists():
            self.skipTest("restless is not built")
        self.one.add("/bin/restless", BUILD / "bin" / "restless")
        self.one.remount()
        self.one.rules(deny=["nc"])
        self.one.start_agent()

    def restless(self, count, program, meanwhile=lambda: None):
        self.assertTrue(self.one.wait_for(lambda: self.taken_in() == 0))
        self.one.configure(["/bin/restless", str(count), program])
        command = self.one.command("run", "--bundle", self.one.bundle, "c1")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            # An agent that is killed before takes none in.
            while process.poll() is None and not self.taken_in():
                time.sleep(0.01)
            done = threading.Event()
            thread = threading.Thread(target=self.until, args=(done, meanwhile))
            thread.start()
            try:
                return process.communicate(timeout=60)[0]
            finally:
                done.set()
                thread.join()
                process.kill()

    def taken_in(self):
        status = self.one.status()
        return status and status["containers"]

    @staticmethod
    def until(done, meanwhile):
        while not done.wait(0.03):
            meanwhile()

    def pause(self):
        worker = self.one.worker()
        os.kill(worker, signal.SIGSTOP)
        time.sleep(0.02)
        os.kill(worker, signal.SIGCONT)

    def kill(self):
        if status := self.one.status():
            os.kill(status["pid"], signal.SIGKILL)

    def test_a_call_that_is_taken_back_is_answered_when_it_comes_again_and_told_once(self):
        self.assertEqual(self.restless(300, "/bin/true", self.pause), "300 ran, 0 denied\n")
        self.assertEqual(self.restless(80, "/bin/nc", self.pause), "0 ran, 80 denied\n")
        # The last one is told of once it has been answered.
        self.one.wait_for(lambda: len(self.one.commands()) >= 80)
        self.assertEqual(len(self.one.commands()), 80)

    def test_an_applet_is_told_of_one_that_has_not_gone_to_sleep_yet(self):
        """The agent can be quicker than the task that it is told of."""
        self.one.rules(allow=["restless", "true"])
        self.assertEqual(self.restless(6000, "/bin/true"), "6000 ran, 0 denied\n")

    def test_none_is_lost_or_hangs_when_the_agent_is_killed_again_and_again(self):
        self.assertEqual(self.restless(1000, "/bin/true", self.kill), "1000 ran, 0 denied\n")
        self.assertEqual(self.restless(1000, "/bin/nc", self.kill), "0 ran, 1000 denied\n")
        self.assertTrue(self.one.wait_for(self.one.answers))


if __name__ == "__main__":
    unittest.main()
