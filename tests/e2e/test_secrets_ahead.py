"""Secrets that the agent reads while the runtime still makes the container: they are what would be read at
the moment in which runward-hook asks, and each is handed out once.
"""

import os
import pathlib
import subprocess
import time
import unittest

from secret_vault import secret
from test_secrets import VALUE
from test_secrets_unlock import WithAgent

SECONDS = 10  # agent/secret_supplier.cc: how long they wait for a start that never asks


class Ahead(WithAgent):
    def setUp(self):
        super().setUp()
        self.secrets()
        self.start_agent()

    def reads(self):
        return len([e for e in self.one.events() if e.get("status_code") == "secrets.read"])

    def tell(self, key):
        """As the shim does: nothing answers."""
        with self.assertRaises(ValueError):
            self.ask("secrets-ahead", key=key)

    def mounts(self):
        """How many mounts the agent holds that are mounted nowhere."""
        agent = self.one.status()["pid"]
        listed = subprocess.run(["ls", "-l", f"/proc/{agent}/fd"], text=True, capture_output=True, check=False)
        return sum(line.endswith(" -> /") for line in listed.stdout.splitlines())

    def handed(self, key, pid=None):
        """What lies in the filesystem that the agent hands over, or its refusal."""
        answer, fds = self.ask("secret-files", key=key, pid=pid or os.getpid())
        if not answer["ok"]:
            self.assertEqual(fds, [])
            return answer["error"]
        self.assertEqual((answer["directories"], len(fds)), (["/run/secrets"], 1))
        place = pathlib.Path(f"/proc/self/fd/{fds[0]}")
        try:
            with self.assertRaisesRegex(OSError, "Read-only file system"):
                (place / "x").touch()
            return (place / "db_password").read_text()
        finally:
            os.close(fds[0])

    def test_a_start_reads_each_once_and_before_its_hook_runs(self):
        config = self.one.configure(["cat", "/run/secrets/db_password"])
        # The hooks before ours: by the time that this one runs, the agent has read them.
        log = self.one.root / "log" / "events.jsonl"
        seen = self.one.dir / "seen"
        script = f"sleep 1; grep -c '\"secrets.read\"' {log} >{seen}"
        config["hooks"] = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", script]}]}
        self.one.configure(config["process"]["args"], hooks=config["hooks"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual((done.returncode, done.stdout), (0, VALUE), done)
        self.assertEqual((seen.read_text(), self.reads()), ("1\n", 1))

    def called(self, *secrets, binds=()):
        """What the hook of a start with these secrets calls of heap and sockets, and what the container shows."""
        if not os.access("/usr/bin/strace", os.X_OK):
            self.skipTest("not there: strace")
        self.secrets(*secrets)
        config = self.one.configure(["sh", "-c", "cat $(ls -d /run/secrets*/*)"])
        more = [{"destination": place, "type": "bind", "source": str(source), "options": ["rbind", "rprivate"]}
                for source, place in binds]
        self.one.configure(config["process"]["args"], mounts=config["mounts"] + more)
        trace = self.one.dir / "trace"
        command = ["strace", "-f", "-o", trace, "-e", "trace=execve,brk,connect,move_mount",
                   *self.one.command("run", "--bundle", self.one.bundle, "c1")]
        done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=60,
                              stdin=subprocess.DEVNULL)
        lines = trace.read_text().splitlines()
        begin, pid = next((number, line.split()[0]) for number, line in enumerate(lines)
                          if "/runward-hook" in line and "execve(" in line)
        calls = [line.split()[1].partition("(")[0] for line in lines[begin + 1:]
                 if line.split()[0] == pid and "(" in line.split()[1] and "resumed" not in line]
        return calls, done

    def test_an_ordinary_start_is_done_before_the_c_library_begins(self):
        if os.uname().machine != "x86_64":
            self.skipTest("only on x86-64")
        calls, done = self.called()
        self.assertEqual((done.returncode, done.stdout), (0, VALUE), done)
        self.assertEqual(calls, ["connect", "move_mount"])

    def test_so_is_one_whose_root_is_to_be_checked_and_a_covered_root_is_refused(self):
        if os.uname().machine != "x86_64":
            self.skipTest("only on x86-64")
        for name in ("outer", "inner"):
            (self.one.dir / name).mkdir()
        nested = [(self.one.dir / "outer", "/v"), (self.one.dir / "inner", "/v/w")]
        calls, done = self.called(binds=nested)
        self.assertIn("check-root", (self.one.bundle / "config.json").read_text())
        self.assertEqual((done.returncode, done.stdout, calls), (0, VALUE, ["connect", "move_mount"]), done)
        # A link in a volume leads the next mount over the root: the hook alone can see that.
        other = self.one.make_bundle("other") / "rootfs"
        (self.one.dir / "outer" / "link").symlink_to("/")
        (other / "v").mkdir()
        (other / "v" / "link").symlink_to("/")
        calls, done = self.called(binds=[nested[0], (other, "/v/link")])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("covers the container's root", done.stderr)
        self.assertNotIn(VALUE, done.stdout + done.stderr)
        self.assertEqual([call for call in calls if call != "brk"], [])

    def test_one_that_is_not_goes_on_with_the_same_answer(self):
        listed = [secret(file=f"/run/secrets{number}/k") for number in range(17)]
        before = self.reads()
        calls, done = self.called(*listed)
        self.assertEqual((done.returncode, done.stdout), (0, VALUE * 17), done)
        self.assertIn("brk", calls)
        self.assertEqual((calls.count("connect"), calls.count("move_mount")), (1, 17))
        self.assertEqual(self.reads(), before + 17)

    def test_they_are_handed_out_once(self):
        key = self.running()
        before = self.reads()
        self.tell(key)
        self.assertEqual((self.handed(key), self.reads()), (VALUE, before + 1))
        self.assertEqual((self.handed(key), self.reads()), (VALUE, before + 2))

    def test_a_vault_that_changed_is_read_again(self):
        key = self.running()
        before = self.reads()
        self.tell(key)
        self.vault.put("web/db#password", "newer")
        self.assertEqual((self.handed(key), self.reads()), ("newer", before + 2))

    def test_a_record_that_changed_is_read_again(self):
        key = self.running()
        before = self.reads()
        self.tell(key)
        plan = self.one.records()[0]
        again = plan.with_suffix(".new")
        again.write_text(plan.read_text())
        again.chmod(0o600)
        again.rename(plan)
        self.assertEqual((self.handed(key), self.reads()), (VALUE, before + 2))

    def test_a_vault_that_was_locked_gives_nothing(self):
        key = self.running()
        self.tell(key)
        self.assertTrue(self.ask("vault-lock")[0]["ok"])
        self.assertIn("the vault is locked", self.handed(key))

    def test_a_secret_that_ran_out_is_not_handed_out(self):
        key = self.running()
        put = subprocess.run([self.one_ctl(), f"--runward-root={self.one.root}", "vault", "put",
                              "web/db#password", "--not-after", "2s"], input=b"brief", check=False,
                             capture_output=True)
        self.assertEqual(put.returncode, 0, put)
        self.tell(key)
        time.sleep(2.1)
        self.assertIn("has not been valid since", self.handed(key))

    @staticmethod
    def one_ctl():
        return pathlib.Path(os.environ["RUNWARD_BUILD"]) / "bin" / "runwardctl"

    def test_users_of_another_namespace_get_files_of_their_own(self):
        key = self.running()
        before = self.reads()
        self.tell(key)
        with subprocess.Popen(["unshare", "--user", "--map-root-user", "cat"],
                              stdin=subprocess.PIPE) as other:
            maps = pathlib.Path(f"/proc/{other.pid}/uid_map")
            self.assertTrue(self.one.wait_for(lambda: maps.read_text().split() == ["0", "0", "1"]))
            self.assertEqual((self.handed(key, other.pid), self.reads()), (VALUE, before + 2))
            other.stdin.close()

    def test_what_cannot_be_read_is_said_once_in_the_log_and_to_the_start(self):
        self.secrets({"name": "vault:web/none#k", "file": "/run/secrets/k"})
        self.one.configure(["true"])
        done = self.one.call("run", "--bundle", self.one.bundle, "c1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no secret", done.stderr)
        failed = [e for e in self.one.events() if e["class_uid"] == 6005]
        self.assertEqual(len(failed), 1, failed)

    def test_what_nobody_asks_for_goes(self):
        key = self.running()
        before = self.mounts()
        self.tell(key)
        self.assertEqual(self.mounts(), before + 1)
        self.assertTrue(self.one.wait_for(lambda: self.mounts() == before, seconds=SECONDS + 5))


if __name__ == "__main__":
    unittest.main()
