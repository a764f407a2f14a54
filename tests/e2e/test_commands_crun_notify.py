"""The tests of notified command rules once more, with crun as the real runtime."""

import unittest

import test_commands_notify


class CrunRules(test_commands_notify.Rules):
    runtime = "crun"


class CrunWays(test_commands_notify.Ways):
    runtime = "crun"


class CrunExec(test_commands_notify.Exec):
    runtime = "crun"


class CrunInterrupted(test_commands_notify.Interrupted):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
