"""Rules about what commands may be given, in containers of the real runc."""

import unittest

import test_commands


class Arguments(test_commands.CommandsTest):
    ABOUT_ECHO = [{"command": "/opt/echo", "deny": ["push", "--exec*"]}]

    def agent(self, *words):
        self.one.start_agent(*words)
        if not words and self.one.status()["tier"] == "fanotify":
            self.skipTest("no BPF program loads here")

    def status_of(self, command):
        return self.sh(f"{command} >/dev/null 2>&1; echo $?").strip()

    def test_a_command_is_killed_for_what_it_is_given_and_the_event_says_so(self):
        self.one.rules(arguments=self.ABOUT_ECHO)
        self.agent()
        runs = self.status_of("/opt/echo status")
        self.assertNotEqual(runs, "137")
        self.assertEqual(self.status_of("/opt/echo -v push"), "137")
        event = self.last()
        self.assertEqual((event["decision"], event["rule"], event["executable"], event["args"]),
                         ("denied", "commands.arguments", "/opt/echo", ["/opt/echo", "-v", "push"]))
        self.assertIn("killed before its first instruction", self.one.events()[-1]["status_detail"])
        self.assertEqual(self.status_of("/opt/echo --exec=x"), "137")

    def test_only_what_is_listed_and_an_applet(self):
        self.one.rules(arguments=[{"command": "ls", "allow": ["-*", "/bin"]}])
        self.agent()
        self.assertEqual(self.status_of("/bin/ls -l /bin"), "0")
        self.assertEqual(self.status_of("/bin/busybox ls -l"), "0")
        self.assertEqual(self.status_of("/bin/ls /etc"), "137")
        self.assertEqual(self.status_of("/bin/busybox ls /etc"), "137")

    def test_audit_mode_tells_and_lets_it_run_with_and_without_bpf(self):
        self.one.rules(mode="audit", arguments=self.ABOUT_ECHO)
        for words in ([], ["--no-bpf"]):
            self.agent(*words)
            before = len(self.one.commands())
            self.assertNotEqual(self.status_of("/opt/echo push"), "137")
            self.assertTrue(self.one.wait_for(lambda: len(self.one.commands()) > before))
            told = self.one.commands()[before:]
            self.assertEqual([(one["decision"], one["rule"]) for one in told],
                             [("would-deny", "commands.arguments")])
            self.one.stop_agents()

    def test_without_a_program_in_the_kernel_nothing_starts(self):
        self.one.rules(arguments=self.ABOUT_ECHO)
        self.agent("--no-bpf")
        out = self.sh("true", check=1)
        self.assertIn("(rule commands.arguments", out)
        self.assertIn("need a program in the kernel", out)

    def test_the_containers_own_command_is_refused_at_its_start(self):
        self.one.rules(arguments=self.ABOUT_ECHO)
        self.agent()
        self.one.configure(["/opt/echo", "push"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertIn("the container's own command \"/opt/echo\" may not be given \"push\"",
                      done.stderr)

    def test_exec_from_outside_and_another_agent(self):
        self.one.rules(arguments=self.ABOUT_ECHO)
        self.agent()
        self.one.configure(["sleep", "60"])
        code, out = self.one.create("c1")
        self.assertEqual(code, 0, out)
        self.addCleanup(lambda: self.one.call("delete", "--force", "c1"))
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        for _ in range(2):
            self.assertEqual(self.one.call("exec", "c1", "/opt/echo", "push").returncode, 137)
            self.assertNotEqual(self.one.call("exec", "c1", "/opt/echo", "pull").returncode, 137)
            self.one.kill_worker()
            self.assertTrue(self.one.wait_for(self.one.answers))


if __name__ == "__main__":
    unittest.main()
