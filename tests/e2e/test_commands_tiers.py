"""Who asks which tier decides is told, and why each better one does not."""

import subprocess
import unittest

import test_commands
from commands import BUILD

BETTER = {  # of the tiers as events name them, the best first
    "lsm": (), "fmod_ret": ("lsm:",), "fanotify+kill": ("lsm:", "fmod_ret:"),
    "fanotify": ("lsm", "fmod_ret", "fanotify+kill"),
    "notify (advisory)": ("lsm", "fmod_ret", "fanotify+kill", "fanotify:")}


class Tiers(test_commands.CommandsTest):
    def doctor(self):
        done = subprocess.run([BUILD / "bin" / "runwardctl", f"--runward-root={self.one.root}", "doctor"],
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def test_doctor_and_events_name_it_and_doctor_says_what_spoke_against_the_better_ones(self):
        for words, wanted in (([], None), (["--no-bpf"], "fanotify"), (["--notify"], "notify (advisory)")):
            self.one.rules(deny=["nc"], advisory=True)
            self.one.start_agent(*words)
            tier = self.one.status()["tier"]
            self.assertIn(wanted, (None, tier))
            told = self.doctor()
            self.assertIn(f"command rules are enforced by {tier}, in 0 containers now", told)
            for better in BETTER[tier]:
                self.assertIn(better, told[told.index("passed over"):])
            if words:
                self.assertIn(f"left out by {words[0]}", told)
            elif BETTER[tier]:
                # What its self-test, or the kernel, said.
                self.assertRegex(told, r"lsm: .*[a-z]{3}.*; fmod_ret: .*[a-z]{3}")
            self.sh("/bin/nc; true")
            self.assertEqual(self.last()["tier"], tier)
            self.one.stop_agents()

    def test_doctor_says_when_none_answers(self):
        self.one.rules(deny=["nc"])
        self.assertIn("containers with command rules do not start: runward-agent", self.doctor())


if __name__ == "__main__":
    unittest.main()
