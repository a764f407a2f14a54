"""The tests of command rules once more, with crun as the real runtime."""

import unittest

import test_commands
import test_commands_kernel


class CrunRules(test_commands.Rules):
    runtime = "crun"


class CrunExec(test_commands.Exec):
    runtime = "crun"


class CrunKernel(test_commands_kernel.Kernel):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
