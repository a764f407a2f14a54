"""Rotation: files are replaced in running containers, all at once, and nothing restarts."""

import pathlib
import subprocess
import unittest

from secret_vault import BUILD, secret
from test_secrets import VALUE
from test_secrets_unlock import WithAgent

CTL = BUILD / "bin" / "runwardctl"


class Refresh(WithAgent):
    def read(self, name="db_password"):
        return self.one.call("exec", "c1", "cat", f"/run/secrets/{name}").stdout

    def test_the_agent_replaces_what_is_to_be_refreshed_and_only_that(self):
        self.vault.put("web/db#fixed", "stays")
        self.secrets(secret(refresh=True), secret("web/db#fixed", "/run/secrets/fixed"))
        self.start_agent()
        self.running()
        self.assertEqual(self.read(), VALUE)
        self.vault.put("web/db#fixed", "not wanted yet")
        self.vault.put("web/db#password", "second")
        self.assertTrue(self.one.wait_for(lambda: self.read() == "second"), self.one.agent_log())
        self.assertEqual(self.read("fixed"), "stays")

    def test_the_first_process_gets_its_signal(self):
        self.secrets(secret(refresh=True, signal="SIGUSR1"))
        self.start_agent()
        self.one.configure(["sh", "-c", "trap 'cat /run/secrets/db_password > /tmp/seen' USR1; "
                                        "while :; do sleep 0.1; done"],
                           root={"path": "rootfs", "readonly": False})
        self.assertEqual(self.one.create("c1")[0], 0)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        seen = self.one.bundle / "rootfs" / "tmp" / "seen"
        self.vault.put("web/db#password", "second")
        self.assertTrue(self.one.wait_for(lambda: seen.exists() and seen.read_text() == "second"))

    def test_readers_see_the_old_or_the_new_and_the_mount_stays_read_only(self):
        values = ["a" * 5000, "b" * 3]
        self.vault.put("web/db#password", values[0])
        self.secrets(secret(refresh=True))
        self.start_agent()
        self.one.configure(
            ["sh", "-c", "while :; do cat /run/secrets/db_password >> /tmp/log && echo >> /tmp/log; done"],
            root={"path": "rootfs", "readonly": False})
        self.assertEqual(self.one.create("c1")[0], 0)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        for i in range(1, 21):
            self.vault.put("web/db#password", values[i % 2])
        self.one.real("kill", "c1", "KILL")
        log = self.one.bundle / "rootfs" / "tmp" / "log"
        lines = log.read_text().split("\n")[:-1]
        self.assertTrue(lines)
        self.assertEqual({line for line in lines if line not in values}, set())

    def test_a_secret_that_went_away_leaves_the_container_what_it_has(self):
        self.vault.put("web/db#other", "x")
        self.secrets(secret(refresh=True))
        self.start_agent()
        self.running()
        self.ask("vault-lock")
        self.vault.put("web/db#password", "second")
        self.assertFalse(self.one.wait_for(lambda: self.read() == "second", seconds=1))
        self.assertEqual(self.read(), VALUE)

    def test_something_else_mounted_over_it_is_not_written_to(self):
        self.secrets(secret(refresh=True))
        self.start_agent()
        key = self.running()
        note = (self.one.root / "run" / "containers" / key / "secrets.json").read_text()
        pid = note.split('"pid":')[1].split(",")[0]
        subprocess.run(["nsenter", "-m", "-t", pid, "/bin/busybox", "mount", "-t", "tmpfs", "other", "/run/secrets"],
                       check=False)
        root = pathlib.Path("/proc", pid, "root", "run", "secrets")
        if list(root.iterdir()):
            self.skipTest("nothing can be mounted there")
        self.vault.put("web/db#password", "second")
        self.one.wait_for(lambda: list(root.iterdir()), seconds=1)
        self.assertEqual(list(root.iterdir()), [])
        self.assertIn("something else is mounted", str(self.one.events()))


class Deliver(WithAgent):
    def deliver(self, *words):
        return subprocess.run([CTL, f"--runward-root={self.one.root}", "vault", "deliver", *words],
                              text=True, capture_output=True, check=False, timeout=60)

    def deliver_and_look(self):
        self.vault.put("web/db#fixed", "first")
        self.secrets(secret(), secret("web/db#fixed", "/run/secrets/fixed"))
        self.running()
        self.vault.put("web/db#password", "second")
        done = self.deliver()
        self.assertEqual((done.returncode, done.stdout), (0, '"c1" replaced\n'), done.stderr)
        shown = self.one.call("exec", "c1", "cat", "/run/secrets/db_password", "/run/secrets/fixed")
        self.assertEqual(shown.stdout, "secondfirst")
        self.assertEqual(self.deliver("c1").stdout, '"c1" has them already\n')
        self.assertEqual(self.deliver("other").returncode, 2)

    def test_by_the_key_file(self):
        self.deliver_and_look()

    def test_by_the_agent(self):
        self.start_agent()
        self.deliver_and_look()

    def test_what_cannot_be_delivered_is_said_and_changes_nothing(self):
        self.secrets()
        self.running()
        self.vault.hide_key()
        done = self.deliver()
        self.assertEqual(done.returncode, 1)
        self.assertIn('container "c1" keeps what it has: the vault is locked', done.stderr)
        shown = self.one.call("exec", "c1", "cat", "/run/secrets/db_password")
        self.assertEqual(shown.stdout, VALUE)


if __name__ == "__main__":
    unittest.main()
