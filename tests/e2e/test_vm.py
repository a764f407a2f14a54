"""Commands decided by LSM hooks and by fmod_ret, and control groups that hold network rules, in a virtual
machine: not every kernel has them.

What runs there is tests/agent's own program, against the machine's kernel: what rules deny and allow,
the takeover of what an agent left, and bin/attack, technique by technique.
"""

import os
import pathlib
import re
import tempfile
import unittest

import vm

BUILD = pathlib.Path(os.environ["RUNWARD_BUILD"])
SECONDS = 900
# What no rule about files can see: bytes in memory like any others.
UNSEEN = {"anonymous"}
COUNT = os.environ.get("RUNWARD_ATTACK_COUNT", "200")


class VirtualMachine(unittest.TestCase):
    def setUp(self):
        if why := vm.lacking():
            self.skipTest(why)
        if not (BUILD / "tests/agent_test").is_file():
            self.skipTest("not built: agent_test")
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def run_tier(self, tier, lsm):
        programs = {"/agent_test": BUILD / "tests/agent_test", "/bin/true": "/bin/true"}
        for name in ("attack", "attack_payload", "attack_allowed"):
            programs[f"/{name}"] = BUILD / "bin" / name
        command = (f"RUNWARD_ATTACKS=/ RUNWARD_ATTACK_COUNT={COUNT} RUNWARD_KERNEL_TIER={tier} "
                   "/agent_test --gtest_color=no --gtest_filter='Kernel*'")
        text, status = vm.boot(self.place, programs, command, f"lsm={lsm}", SECONDS)
        self.assertEqual(status, 0, text[-20000:])
        self.assertNotIn("SKIPPED", text)
        return text

    def attacks(self, text):
        """{technique: times} of the second round, in which rules denied the code."""
        denied = text.split("[ RUN      ] KernelAttacksTest.DeniedCodeDoesNotRun")[1]
        ran = {name: int(times) for name, times in
               re.findall(r"^  (\S+): ran (\d+) of \d+$", denied, re.M)}
        print("\n".join(f"  {name}: ran {times}" for name, times in ran.items()))
        return ran

    def check(self, tier, lsm):
        text = self.run_tier(tier, lsm)
        ran = self.attacks(text)
        self.assertGreater(len(ran), 50)
        self.assertEqual({name for name, times in ran.items() if times}, UNSEEN)
        return text

    def test_lsm_hooks_refuse_what_is_denied(self):
        self.assertNotIn("passed over: lsm", self.check("lsm", "landlock,bpf"))

    def test_fmod_ret_does_where_lsm_programs_never_run(self):
        text = self.check("fmod_ret", "landlock")
        # This kernel loads and attaches LSM programs, and does not call them; the kill behind is.
        self.assertIn('passed over: lsm: self-test of "lsm": executing a denied file was killed; '
                      "expected: was refused", text)

    def test_control_groups_hold_containers_on_the_hosts_network(self):
        text, status = vm.boot(self.place, {"/agent_test": BUILD / "tests/agent_test"},
                               "/bin/busybox ip link set lo up && "
                               "/agent_test --gtest_color=no --gtest_filter='Group*:OpenFlows*'", "", SECONDS)
        self.assertEqual(status, 0, text[-20000:])
        self.assertNotIn("SKIPPED", text)
        passed = re.search(r"\[  PASSED  \] (\d+) tests", text)
        self.assertTrue(passed, text[-20000:])
        self.assertGreaterEqual(int(passed[1]), 18)


if __name__ == "__main__":
    unittest.main()
