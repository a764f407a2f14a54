"""Command rules in audit mode: each try that enforce would deny is one event, and nothing else is."""

import time
import unittest

import test_commands

QUIET = 1.5  # seconds in which the kernel's events are read, and counts told


class Audit(test_commands.CommandsTest):
    def setUp(self):
        super().setUp()
        script = self.one.image / "opt" / "script"
        script.write_text("#!/bin/nc\n")
        script.chmod(0o755)
        self.one.add("/bin/cp", link="busybox")
        self.one.remount()

    def told(self, script, *agent):
        """Decision, rule and file of what is told of a container's script, with an agent."""
        self.one.start_agent(*agent)
        before = len(self.one.commands())
        self.sh(script)
        time.sleep(QUIET)
        self.one.stop_agents()
        return [(one["decision"], one["rule"], one["executable"].rsplit("/")[-1])
                for one in self.one.commands()[before:]]

    def test_each_try_is_told_once(self):
        self.one.rules(mode="audit", deny=["nc", "l*"], drift="deny")
        for tier in ([], ["--no-bpf"]):
            self.assertEqual(self.told("/bin/nc; /bin/ls; /opt/script; /opt/echo; /bin/cp "
                                       "/bin/busybox /tmp/true; /tmp/true; /bin/nc; true", *tier), [
                ("would-deny", "commands.deny", "nc"), ("would-deny", "commands.deny", "busybox"),
                ("would-deny", "commands.deny", "nc"), ("would-deny", "commands.drift", "true"),
                ("would-deny", "commands.deny", "nc")])

    def test_drift_that_warns_is_told_once(self):
        self.one.rules(drift="warn")
        for tier in ([], ["--no-bpf"]):
            self.assertEqual(
                self.told("/bin/cp /bin/busybox /tmp/true; /tmp/true; /tmp/true", *tier),
                [("allowed", "commands.drift", "true")] * 2)

    def test_opening_a_denied_file_to_read_it_is_told_too(self):
        self.one.rules(mode="audit", deny=["nc"])
        for tier in ([], ["--no-bpf"]):
            self.assertEqual(
                self.told("cat /bin/nc > /dev/null; /bin/nc; cat /bin/nc > /dev/null", *tier),
                [("would-deny", "commands.deny", "nc")] * 3)


if __name__ == "__main__":
    unittest.main()
