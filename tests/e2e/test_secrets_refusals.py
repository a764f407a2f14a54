"""What must not happen to secrets, under every engine: a clear error, no container that has half of them, no
value in what is said."""

import pathlib
import time
import unittest

from cri import CriTest
from engine_secrets import VALUE, WithVault, secret
from gate import GateTest
from podman import PodmanTest

RAN = ["sh", "-c", "echo r''an; sleep 0.1"]


class Refusals(WithVault):
    agent_helps = False

    def refused(self, text, *secrets):
        self.set_policy(*self.others(), self.profile(*secrets))
        seen = len(self.one.events())
        code, said = self.attempt()
        said += str([event.get("status_detail") for event in self.one.events()[seen:]])
        self.assertNotEqual(code, 0, said)
        self.assertIn(text, said)
        self.assertNotIn("ran\n", said)
        self.assertNotIn(VALUE, said)
        self.assertNotIn("runward-secrets", pathlib.Path("/proc/self/mountinfo").read_text())

    def others(self):
        return []

    def test_each_is_a_clear_error_and_no_container_is_half_supplied(self):
        self.good = self.good_image()
        self.vault.put("web/db#old", "x", "1")
        self.vault.put("big#a", VALUE * 20000)
        self.vault.put("big#b", VALUE * 20000)
        if self.agent_helps:
            self.start_agent("--no-bpf")
        good = secret(file="/run/app-secrets/good")
        self.refused('there is no secret "web/db#nothing"', good,
                     secret("web/db#nothing", "/run/app-secrets/b"))
        self.refused("has no version 7", good, secret("web/db#password@7", "/run/app-secrets/b"))
        self.refused("is there, and would be hidden", good, secret(file="/etc/key"))
        self.refused("a file is there already", good, secret(file="/bin/sh/key"))
        self.refused("more than 1 MiB together", secret("big#a", "/run/app-secrets/a"),
                     secret("big#b", "/run/app-secrets/b"))
        time.sleep(1.1)
        self.refused("has not been valid since", good, secret("web/db#old", "/run/app-secrets/b"))
        whole = self.vault.path.read_bytes()
        self.vault.path.write_bytes(whole[:-1])
        self.refused("cut short", good)
        self.vault.path.write_bytes(b"RWVAULT\n\x02\0\0\0" + whole[12:])
        self.refused("of format 2", good)
        self.vault.path.write_bytes(b"not a vault")
        self.refused("is not a vault", good)
        self.vault.path.write_bytes(whole)
        self.set_policy(*self.others(), self.profile(good))
        code, said = self.attempt()
        self.assertEqual((code, "ran\n" in said), (0, True), said)


class Locked:
    """Without the agent, as the agent would take the key file at once."""

    def test_a_locked_vault_refuses_with_the_command_that_unlocks_it(self):
        self.good = self.good_image()
        self.vault.hide_key()
        self.refused("the vault is locked", secret(file="/run/app-secrets/good"))
        self.assertIn("vault unlock", str(self.one.events()[-1]))


class Docker(Refusals, Locked, GateTest):
    agent_helps = True

    def attempt(self):
        done = self.docker_run(self.good.name, *RAN)
        return done.returncode, done.stdout + done.stderr


class Ctr(Refusals, Locked, GateTest):
    docker_needed = False
    number = 0

    def attempt(self):
        self.number += 1
        done = self.one.ctr_run("--rm", self.good.name, f"r{self.number}", *RAN)
        return done.returncode, done.stdout + done.stderr


class Podman(Refusals, Locked, PodmanTest):
    agent_helps = True

    def attempt(self):
        done = self.podman_run(self.good.name, *RAN)
        return done.returncode, done.stdout + done.stderr


class Crun(Podman):
    runtime = "crun"


class Cri(Refusals, Locked, CriTest):
    def others(self):
        return [self.pause_profile]

    def attempt(self):
        self.one.remove_containers()
        try:
            _, container = self.running(self.good, "sh", "-c", "sleep 1000")
        except Exception as error:  # whatever the engine's client makes of a refusal
            return 1, str(error)
        return self.one.exec_in(container, *RAN)


if __name__ == "__main__":
    unittest.main()
