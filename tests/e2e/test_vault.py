"""`runwardctl vault` as people and pipelines call it: files, pipes, terminals."""

import json
import os
import pathlib
import subprocess
import unittest

from vault_case import CTL, VaultCase


class Vault(VaultCase):
    def test_put_get_and_versions(self):
        self.init()
        self.do("put", "web/db#password", "--label", "team=blue", stdin=b"hunter2\n\0\xff")
        self.assertEqual(self.do("get", "web/db#password"), b"hunter2\n\0\xff")
        self.do("put", "web/db#password", "--chomp", stdin=b"second\n")
        self.assertEqual(self.do("get", "web/db#password"), b"second")
        self.assertEqual(self.do("get", "web/db#password@1"), b"hunter2\n\0\xff")
        (entry,) = json.loads(self.do("list", "--json"))
        self.assertEqual((entry["name"], entry["labels"], entry["lastVersion"]),
                         ("web/db#password", {"team": "blue"}, 2))
        self.refused("put", "web/db#password", "--expect", "1", stdin=b"x", says="has version 2")
        self.assertIn(b"whole: 1 secrets, 2 values", self.do("verify"))

    def test_a_value_comes_neither_by_argument_nor_to_a_terminal(self):
        self.init()
        self.refused("put", "web/db#password", "hunter2", says="never an argument")
        shown, code = self.at_terminal("put", "web/db#password", typed=[b"typed-value"])
        self.assertEqual(code, 0, shown)
        self.assertNotIn(b"typed-value", shown)
        self.assertEqual(self.do("get", "web/db#password"), b"typed-value")
        shown, code = self.at_terminal("get", "web/db#password")
        self.assertEqual(code, 1)
        self.assertNotIn(b"typed-value", shown)
        self.assertIn(b"insist with --out -", shown)
        shown, code = self.at_terminal("get", "web/db#password", "--out", "-")
        self.assertEqual((shown, code), (b"typed-value", 0))

    def test_a_file_is_written_for_its_owner_alone_and_never_over_another(self):
        self.init()
        self.do("put", "a#k", stdin=b"value")
        out = self.root / "out"
        self.do("get", "a#k", "--out", out)
        self.assertEqual((out.read_bytes(), out.stat().st_mode & 0o777), (b"value", 0o600))
        out.write_bytes(b"mine")
        self.refused("get", "a#k", "--out", out, says="it exists")
        self.assertEqual(out.read_bytes(), b"mine")

    def test_a_passphrase_is_asked_for_at_the_terminal_alone(self):
        shown, code = self.at_terminal("init", "--passphrase", typed=[b"correct horse"] * 2)
        self.assertEqual(code, 0, shown)
        self.refused("put", "a#k", stdin=b"x", says="is locked")
        self.refused("put", "a#k", "--passphrase", stdin=b"x", says="no terminal to ask")
        shown, code = self.at_terminal("list", "--passphrase", typed=[b"wrong horse"])
        self.assertIn(b"does not open the vault", shown)
        self.assertEqual(code, 1)
        shown, code = self.at_terminal("slot", "add", "--new-key-file", self.root / "vault.key",
                                       typed=[b"correct horse"])
        self.assertEqual(code, 0, shown)
        self.assertNotIn(b"horse", shown)
        self.do("put", "a#k", stdin=b"x")
        self.assertIn(b"passphrase (Argon2id, 256 MiB, 3 passes)", self.do("slot", "list"))
        self.do("slot", "remove", "0")
        shown, code = self.at_terminal("list", "--passphrase", typed=[b"correct horse"])
        self.assertIn(b"has no passphrase slot", shown)

    def test_a_short_or_mistyped_passphrase_makes_no_vault(self):
        shown, code = self.at_terminal("init", "--passphrase", typed=[b"short"])
        self.assertIn(b"shorter than 8 bytes", shown)
        shown, code = self.at_terminal("init", "--passphrase", typed=[b"words one", b"words two"] * 3)
        self.assertEqual(code, 1)
        self.assertIn(b"differ", shown)
        self.assertFalse((self.root / "vault").exists())

    def test_a_credential_unlocks_in_its_unit(self):
        self.init()
        self.do("put", "a#k", stdin=b"value")
        credential = self.root / "to-encrypt"
        self.assertIn(b"systemd-creds encrypt --name=runward-vault-key",
                      self.do("slot", "add", "--credential", credential))
        (self.root / "vault.key").unlink()
        self.refused("get", "a#k", says="is locked")
        folder = self.root / "credentials"
        folder.mkdir(mode=0o700)
        os.rename(credential, folder / "runward-vault-key")
        inside = {**os.environ, "CREDENTIALS_DIRECTORY": str(folder)}
        self.assertEqual(self.do("get", "a#k", env=inside), b"value")

    def test_rotate_remove_restore_destroy(self):
        self.init()
        self.refused("rotate", "a#k", says="no secret \"a#k\" to rotate")
        self.do("put", "a#k", stdin=b"first")
        self.do("rotate", "a#k", "--length", "40", "--alphabet", "hex")
        rotated = self.do("get", "a#k")
        self.assertRegex(rotated, rb"^[0-9a-f]{40}$")
        self.do("rotate", "a#k")
        self.assertNotEqual(self.do("get", "a#k"), rotated)
        self.do("remove", "a#k@3")
        self.assertEqual(self.do("get", "a#k"), rotated)
        self.do("remove", "a#k")
        self.refused("get", "a#k", says="was removed")
        self.do("restore", "a#k")
        self.do("remove", "a#k@1", "--destroy")
        self.refused("restore", "a#k@1", says="no version 1")
        self.do("remove", "a#k", "--destroy")
        self.refused("get", "a#k", says="there is no secret")
        self.assertIn(b"whole: 0 secrets, 0 values", self.do("verify"))

    def test_a_secret_past_its_time_is_not_given_out(self):
        self.init()
        self.refused("put", "a#k", "--not-after", "2001-01-01", stdin=b"x", says="past already")
        self.refused("put", "a#k", "--not-after", "soon", stdin=b"x", says="takes a time")
        self.do("put", "a#k", "--not-after", "1s", stdin=b"x")
        os.system("sleep 1.1")
        self.refused("get", "a#k", says="has not been valid since")
        self.assertIn(b"expired", self.do("show", "a#k"))

    def test_every_read_is_an_event_without_value_or_length(self):
        self.init()
        self.do("put", "web/db#password", stdin=b"hunter2-secret")
        self.do("get", "web/db#password")
        detail = self.details()[-1]
        self.assertEqual(detail, 'secret "web/db#password" version 1 was read by user 0')
        self.assertEqual(self.events()[-1]["status_code"], "vault.read")
        self.assertIn("generation 2", self.details()[-2])
        log = (self.root / "log" / "events.jsonl").read_text(encoding="utf-8")
        self.assertNotIn("hunter2-secret", log)

    def test_what_cannot_be_logged_is_not_read(self):
        self.init()
        self.do("put", "a#k", stdin=b"hunter2")
        (self.root / "log").rename(self.root / "away")
        (self.root / "log").write_text("a file where the directory was")
        done = self.refused("get", "a#k", says="")
        self.assertEqual(done.stdout, b"")

    def test_edit_leaves_the_value_nowhere(self):
        self.init()
        self.do("put", "a#k", "--not-after", "30d", stdin=b"before-edit")
        # The editor looks at where it is, and renames as editors do.
        editor = self.root / "editor"
        editor.write_text("#!/bin/sh\nstat -f -c %T $1 >$EDIT_SAW\ncp $1 $1.swp\n"
                          "sed s/before/after/ $1.swp >$1.new && mv $1.new $1\n")
        editor.chmod(0o755)
        saw = self.root / "saw"
        where = {**os.environ, "EDITOR": str(editor), "EDIT_SAW": str(saw), "VISUAL": ""}
        self.assertIn(b"version 2", self.do("edit", "a#k", env=where))
        self.assertEqual(self.do("get", "a#k"), b"after-edit")
        self.assertEqual(saw.read_text().strip(), "ramfs")
        self.assertIn(b"unchanged", self.do("edit", "a#k", env={**where, "EDITOR": "true"}))
        self.refused("edit", "a#k", env={**where, "EDITOR": "false"}, says="the editor")
        self.assertEqual(list((self.root / "run").iterdir()), [])
        for path in self.root.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"-edit", path.read_bytes().replace(b"vault-edit", b""), path)
        versions = json.loads(self.do("show", "a#k", "--json"))["versions"]
        self.assertEqual(versions[0]["notAfter"], versions[1]["notAfter"])

    def test_export_under_another_key_and_backup(self):
        self.init()
        self.do("put", "a#k", "--label", "team=blue", stdin=b"one")
        self.do("put", "a#k", stdin=b"two")
        self.do("export", "--out", self.root / "copy", "--new-key-file", self.root / "new.key")
        self.refused("get", "a#k", "--vault", self.root / "copy", says="does not open")
        self.assertEqual(self.do("get", "a#k@1", "--vault", self.root / "copy", "--key-file",
                                 self.root / "new.key"), b"one")
        self.do("export", "--out", self.root / "backup", "--same-key")
        (self.root / "backup").replace(self.root / "vault")
        self.assertEqual(self.do("get", "a#k"), b"two")
        self.assertIn(b"whole: 1 secrets, 2 values", self.do("verify"))
        self.refused("export", "--out", self.root / "copy", "--same-key", says="never overwritten")
        self.refused("export", "--out", self.root / "x", says="under which key")
        self.assertIn("all secrets were exported", "".join(self.details()))

    def test_a_key_file_goes_with_the_command_that_failed(self):
        key = self.root / "new.key"
        (self.root / "vault").mkdir()
        self.refused("init", "--key-file", key, says="it exists")
        (self.root / "file").write_text("x")
        self.refused("init", "--vault", self.root / "file" / "vault", "--key-file", key, says="file")
        (self.root / "vault").rmdir()
        self.init()
        for number in range(7):
            self.do("slot", "add", "--new-key-file", self.root / f"{number}.key")
        self.refused("slot", "add", "--new-key-file", key, says="all 8 key slots")
        self.refused("export", "--out", "/proc/vault", "--new-key-file", key, says="/proc/vault")
        self.assertFalse(key.exists())

    def test_hints_can_be_typed_as_they_stand(self):
        self.refused("get", "a#k", says=f"runwardctl --runward-root={self.root} vault init")
        self.init()
        self.refused("get", "a#k", says=f"runwardctl --runward-root={self.root} vault put a#k")

    def test_names_are_completed_and_nobody_is_asked_for_a_passphrase(self):
        self.init()
        self.do("put", "web/db#password", stdin=b"x")
        self.do("put", "web/api#token", stdin=b"x")
        script = subprocess.run([CTL, "completion", "bash"], capture_output=True, text=True,
                                check=True).stdout
        script += ('PATH=${0%/*}:$PATH COMP_CWORD=6; COMP_WORDS=(runwardctl --runward-root = "$1" vault '
                   'get "$2"); _runwardctl; echo "${COMPREPLY[@]}"')

        def complete(beginning):
            done = subprocess.run(["bash", "-c", script, CTL, str(self.root), beginning], text=True,
                                  capture_output=True, check=False, timeout=30)
            return done.stdout.split() + done.stderr.split()

        self.assertEqual(complete("web/"), ["web/api#token", "web/db#password"])
        self.assertEqual(complete("web/db"), ["web/db#password"])
        (self.root / "vault.key").unlink()
        self.assertEqual(complete("web/"), [])

    def test_bad_names_are_refused_in_plain_words(self):
        self.init()
        for name in ("web", "web/../x#k", "web//x#k", "web\n#k", "web#a/b", "\u202eweb#k", "web#."):
            done = self.refused("put", name, stdin=b"x", says="secret name")
            self.assertNotIn("\u202e", done.stderr.decode())
        self.refused("put", "a#k", stdin=b"", says="is empty")
        self.refused("put", "a#k", stdin=b"x" * 10_000_000, says="1048576 bytes")
        self.assertEqual(self.do("list", "--names"), b"")

    def test_a_changed_vault_is_refused(self):
        self.init()
        self.do("put", "a#k", stdin=b"value")
        vault = self.root / "vault"
        whole = vault.read_bytes()
        vault.write_bytes(whole[:-1])
        self.refused("get", "a#k", says="cut short")
        vault.write_bytes(whole[:-100] + b"x" + whole[-99:])
        self.assertEqual(self.ctl("verify").returncode, 2)
        vault.write_bytes(whole)
        self.do("verify")
        os.chmod(vault, 0o666)
        self.refused("get", "a#k", says="users other than root may write it")
        os.chmod(self.root / "vault.key", 0o444)
        os.chmod(vault, 0o600)
        self.refused("get", "a#k", says="others may read this key")
        self.assertFalse(pathlib.Path(f"{vault}.new").exists())


if __name__ == "__main__":
    unittest.main()
