"""Unlocking: who holds the vault's key, and to whom the agent hands what."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import types
import unittest

import commands
from commands import Commands
from test_secrets import VALUE, SecretsTest
from vault_case import VaultCase


class WithAgent(SecretsTest):
    def setUp(self):
        super().setUp()
        if not commands.AGENT.exists():
            self.skipTest("no runward-agent")
        self.one.agents = []
        self.addCleanup(Commands.stop_agents, self.one)
        for name in ("answers", "status", "agent_log"):
            setattr(self.one, name, getattr(Commands, name).__get__(self.one))

    def start_agent(self):
        return Commands.start_agent(self.one, "--no-bpf")

    def ask(self, ask, *packets, **members):
        """The agent's answer, and the descriptors that came with it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(10)
            client.connect(str(self.one.root / "run" / "agent.sock"))
            client.send(json.dumps({"protocol": 1, "ask": ask, **members}).encode())
            for packet in packets:
                client.send(packet)
            answer, fds, _, _ = socket.recv_fds(client, 65536, 4)
            return json.loads(answer), fds

    def running(self):
        self.one.configure(["sleep", "1000"])
        self.assertEqual(self.one.create("c1")[0], 0)
        self.assertEqual(self.one.call("start", "c1").returncode, 0)
        return self.one.records()[0].parent.name


class Unlock(WithAgent):
    def test_the_agent_hands_out_what_the_record_lists_and_nothing_else(self):
        self.vault.put("web/db#other", "never listed")
        self.secrets()
        self.start_agent()
        self.assertEqual(self.sh("cat /run/secrets/db_password"), VALUE)
        self.one.call("delete", "--force", "c1")
        key = self.running()
        answer, fds = self.ask("secrets", key=key, name="vault:web/db#other")
        self.assertEqual((answer["ok"], answer["sizes"]), (True, [len(VALUE)]))
        self.assertEqual(os.read(fds[0], 4096).decode(), VALUE)
        os.close(fds[0])
        for bad in ("0" * 64, "../" + key, ""):
            answer, fds = self.ask("secrets", key=bad)
            self.assertEqual((answer["ok"], fds), (False, []))

    def test_a_locked_agent_refuses_the_container_and_says_how_to_unlock(self):
        self.secrets()
        self.start_agent()
        self.assertTrue(self.ask("vault-lock")[0]["ok"])
        self.assertFalse(self.ask("vault-status")[0]["unlocked"])
        self.one.configure(["true"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the vault is locked: somebody locked it", done.stderr)
        self.assertIn("vault unlock", done.stderr)

    def test_a_key_that_is_not_the_vaults_does_not_unlock_it(self):
        self.vault.hide_key()
        self.secrets()
        self.start_agent()
        self.assertFalse(self.ask("vault-status")[0]["unlocked"])
        for packets in ((b"x" * 32,), (b"short",), ()):
            answer, _ = self.ask("vault-unlock", *packets, by="passphrase")
            self.assertFalse(answer["ok"], answer)
        self.assertFalse(self.ask("vault-status")[0]["unlocked"])

    def test_a_person_unlocks_locks_and_asks(self):
        ctl = self.ctl
        self.secrets()
        self.assertEqual(ctl("status").returncode, 2)  # no agent
        self.assertEqual(ctl("unlock", "--key-file", self.vault.key).returncode, 1)
        self.vault.hide_key()
        self.start_agent()
        self.assertEqual((ctl("status").returncode, "locked" in ctl("status").stderr), (2, True))
        done = ctl("unlock", "--key-file", self.vault.key)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ctl("status").stdout, "unlocked by runwardctl vault unlock\n")
        self.assertEqual(self.sh("cat /run/secrets/db_password"), VALUE)
        self.assertEqual(ctl("lock").returncode, 0)
        self.assertEqual(ctl("status").returncode, 2)
        self.assertEqual(ctl("lock", "now").returncode, 2)

    def hidden(self):
        """The flags of the agent's memory that it hides."""
        smaps = pathlib.Path(f"/proc/{self.ask('status')[0]['pid']}/smaps").read_text(encoding="utf-8")
        flags = [line.split()[1:] for line in smaps.splitlines() if line.startswith("VmFlags:")]
        return [one for one in flags if "lo" in one and "dd" in one]

    def test_no_process_that_the_agent_makes_has_a_copy_of_what_opens_the_vault(self):
        self.secrets()
        self.start_agent()
        for unlock in (lambda: None, lambda: self.ctl("unlock", "--key-file", self.vault.key)):
            unlock()
            self.assertEqual(self.sh("cat /run/secrets/db_password"), VALUE)
            self.one.call("delete", "--force", "c1")
            self.assertGreaterEqual(len(self.hidden()), 2)  # the key, and nodes of the index
            self.assertEqual([one for one in self.hidden() if "wf" not in one], [])
            self.assertTrue(self.ask("vault-lock")[0]["ok"])
            self.assertEqual(self.hidden(), [])

    def ctl(self, *words):
        return subprocess.run([commands.BUILD / "bin" / "runwardctl",
                               f"--runward-root={self.one.root}", "vault", *map(str, words)],
                              text=True, capture_output=True, check=False, timeout=60)

    def test_a_passphrase_typed_once_unlocks_it_for_all_starts(self):
        self.secrets()
        at = types.SimpleNamespace(root=self.one.root)
        words = ["slot", "add", "--new-passphrase"]
        shown, code = VaultCase.at_terminal(at, *words, typed=[b"correct horse"] * 2)
        self.assertEqual(code, 0, shown)
        self.vault.key.unlink()
        self.start_agent()
        shown, code = VaultCase.at_terminal(at, "unlock", typed=[b"wrong horse"])
        self.assertEqual((code, b"does not open the vault" in shown), (1, True), shown)
        self.assertIn("locked", self.ctl("status").stderr)
        shown, code = VaultCase.at_terminal(at, "unlock", typed=[b"correct horse"])
        self.assertEqual(code, 0, shown)
        self.assertNotIn(b"horse", shown)
        for _ in range(2):
            self.assertEqual(self.sh("cat /run/secrets/db_password"), VALUE)

    def test_a_credential_of_systemd_unlocks_it_by_itself(self):
        if not shutil.which("systemd-creds"):
            self.skipTest("no systemd-creds")
        self.secrets()
        plain, sealed = self.one.root / "to-encrypt", self.one.root / "sealed"
        self.assertEqual(self.ctl("slot", "add", "--credential", plain).returncode, 0)
        name = "--name=runward-vault-key"
        subprocess.run(["systemd-creds", "encrypt", "--with-key=host", name, plain, sealed],
                       check=True, capture_output=True)
        self.assertNotIn(b"runward-vault-key:", sealed.read_bytes())
        plain.unlink()
        self.vault.key.unlink()
        # What systemd does for a unit with LoadCredentialEncrypted=.
        folder = self.one.root / "credentials"
        folder.mkdir(mode=0o700)
        subprocess.run(["systemd-creds", "decrypt", name, sealed, folder / "runward-vault-key"],
                       check=True, capture_output=True)
        (folder / "runward-vault-key").chmod(0o400)
        os.environ["CREDENTIALS_DIRECTORY"] = str(folder)
        self.addCleanup(os.environ.pop, "CREDENTIALS_DIRECTORY", None)
        self.start_agent()
        self.assertEqual(self.ctl("status").stdout, "unlocked by credential\n")
        self.assertEqual(self.sh("cat /run/secrets/db_password"), VALUE)

    def test_a_process_of_a_container_is_sent_away(self):
        self.secrets()
        self.start_agent()
        script = ("import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
                  f"s.connect('{self.one.root}/run/agent.sock'); "
                  "s.send(b'{\"protocol\":1,\"ask\":\"vault-status\"}'); print(len(s.recv(4096)))")
        here = subprocess.run(["python3", "-c", script], text=True, capture_output=True, check=False)
        self.assertGreater(int(here.stdout), 0)
        for words in (["unshare", "-pf"], ["setpriv", "--reuid", "65534", "--clear-groups"]):
            done = subprocess.run([*words, "python3", "-c", script], text=True, capture_output=True,
                                  check=False, timeout=20)
            self.assertTrue(done.returncode != 0 or done.stdout == "0\n", done)

    def test_the_agent_cannot_be_dumped_nor_debugged_and_keeps_no_value(self):
        self.secrets()
        agent = self.start_agent()
        self.sh("true")
        for pid in (agent.pid, self.one.status()["pid"]):
            limits = open(f"/proc/{pid}/limits").read()
            self.assertRegex(limits, r"Max core file size +0 +0 ")
            self.assertNotIn(VALUE.encode(), memory_of(pid))


def memory_of(pid):
    """All that can be read of a process' memory: more than a core dump would hold."""
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, access = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if "r" not in access or end - start > 1 << 28:
                continue
            try:
                memory.seek(start)
                found.append(memory.read(end - start))
            except (OSError, ValueError, OverflowError):
                continue
    return b"".join(found)


if __name__ == "__main__":
    unittest.main()
