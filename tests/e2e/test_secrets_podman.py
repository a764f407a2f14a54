"""Secrets under podman, with runc and with crun."""

import unittest

from engine_secrets import VALUE, WithVault
from podman import PodmanTest
from test_secrets_docker import SHOW, SHOWN


class Podman(WithVault, PodmanTest):
    def test_files_and_variables_reach_the_command_also_as_another_user_and_read_only(self):
        image = self.good_image()
        self.set_policy(self.profile())
        self.start_agent("--no-bpf")
        for words in ([], ["--user", "1000:1000"], ["--read-only"], ["--init"]):
            done = self.podman_run(*words, image.name, "sh", "-c", SHOW)
            self.assertEqual((done.returncode, done.stdout), (0, SHOWN), (words, done.stderr))

    def test_inspect_and_exec_show_no_value_of_a_variable(self):
        image = self.good_image()
        self.set_policy(self.profile())
        done = self.podman("--runtime", "runward", "run", "-d", "--name", "cc", "--network", "none",
                           image.name, "sleep", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(VALUE, self.podman("inspect", "cc").stdout)
        done = self.podman("--runtime", "runward", "exec", "cc", "sh", "-c",
                           "echo [$PW]; cat /run/secrets/db_password")
        self.assertEqual(done.stdout, f"[]\n{VALUE}", done.stderr)


class Crun(Podman):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
