"""The memory of our programs, searched at the moment before each ends, holds no value any more."""

import base64
import json
import os
import unittest

import memory_watch
from engine_secrets import FORMS, VALUE
from test_secrets import SecretsTest, secret
from vault_case import CTL, VaultCase


# Ends alone: where a string lay that was freed, the allocator writes over its beginning.
ENDS = [form[-12:] for form in FORMS]
# Long enough for any container, short enough for a variable.
LONG = VALUE * 40


def found_in(held):
    return [end for memory in held for end in ENDS if end in memory]


class Commands(VaultCase):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.init()
        self.key = (self.root / "vault.key").read_bytes().strip().split(b":")[1]

    def clean(self, *words, stdin=b"", code=0):
        """What the command printed; its memory at its end holds neither value nor key."""
        line = [CTL, f"--runward-root={self.root}", "vault", *words]
        out, exited, held = memory_watch.run(line, {"runwardctl"}, stdin)
        self.assertEqual(exited, code, out)
        self.assertTrue(held["runwardctl"])
        self.assertGreater(min(map(len, held["runwardctl"])), 1 << 20)
        self.assertEqual(found_in(held["runwardctl"]), [], words)
        self.assertFalse([1 for memory in held["runwardctl"] if self.key in memory], words)
        return out

    def test_the_search_finds_what_is_there(self):
        for word in (VALUE, VALUE.encode().hex()):
            _, _, held = memory_watch.run(["/bin/sh", "-c", "read x; y=$x; exit 0"],
                                          {os.path.basename(os.path.realpath("/bin/sh"))},
                                          word.encode() + b"\n")
            self.assertTrue(found_in(next(iter(held.values()))))

    def test_put_get_rotate_edit(self):
        self.clean("put", "long#k", stdin=LONG.encode())
        self.clean("get", "long#k")
        self.clean("put", "a#k", stdin=VALUE.encode())
        (self.root / "from").write_text(VALUE)
        self.clean("put", "b#k", "--from", self.root / "from")
        self.clean("rotate", "b#k", "--from", self.root / "from")
        self.assertEqual(self.clean("get", "a#k"), VALUE.encode())
        self.clean("get", "a#k", "--out", self.root / "out")
        self.assertEqual((self.root / "out").read_text(), VALUE)
        self.clean("get", "a#k", "--out", self.root / "out", code=1)
        os.environ["EDITOR"] = "sed -i s/4711/4712/"
        self.addCleanup(os.environ.pop, "EDITOR")
        self.clean("edit", "a#k")
        self.assertEqual(self.clean("get", "a#k"), VALUE.replace("4711", "4712").encode())

    def test_imports(self):
        self.clean("import", "env", "-", "--into", "env",
                   stdin=f"A={VALUE}\nB='{LONG}'\nC=\"{LONG}\"\n".encode())
        coded = base64.b64encode(VALUE.encode()).decode()
        for text in (f"kind: Secret\nmetadata: {{name: y}}\ndata: {{a: {coded}}}\nstringData:\n"
                     f"  b: {LONG}\n  c: |\n    {VALUE}\n    more\n",
                     json.dumps({"kind": "Secret", "metadata": {"name": "j"},
                                 "data": {"a": coded}, "stringData": {"b": LONG}})):
            self.clean("import", "kubernetes", "-", stdin=text.encode())
        reply = {"data": {"data": {"a": VALUE, "b": {"c": LONG}}, "metadata": {"version": 1}}}
        self.clean("import", "kv", "-", "--into", "kv/x", stdin=json.dumps(reply).encode())
        folder = self.root / "docker"
        folder.mkdir()
        (folder / "a").write_text(VALUE)
        self.clean("import", "docker", folder, "--into", "docker")
        self.clean("import", "env", "-", "--into", "env", stdin=f"A={VALUE}\nB\n".encode(), code=1)
        self.assertEqual(len(self.do("list", "--names").split()), 11)

    def test_export_and_verify(self):
        self.do("put", "a#k", stdin=VALUE.encode())
        self.clean("verify")
        self.clean("export", "--out", self.root / "copy", "--new-key-file", self.root / "new.key")
        self.clean("export", "--out", self.root / "same", "--same-key")


class Container(SecretsTest):
    """Of what a start consists of, runtimes included: runward, its hook, its helper."""

    def start(self, *given, command):
        self.vault.put("web/db#password", VALUE)
        self.secrets(*given)
        self.one.configure(command)
        line = self.one.command("run", "--bundle", self.one.bundle, "c1")
        return memory_watch.run(line, {"runward", "runward-hook", ".runward-env"})

    def test_the_hook_by_the_key_file(self):
        out, code, held = self.start(secret(), command=["wc", "-c", "/run/secrets/db_password"])
        self.assertEqual((code, out.split()[:1]), (0, [str(len(VALUE)).encode()]), out)
        self.assertEqual(len(held["runward-hook"]), 1)
        self.assertEqual(found_in(held["runward-hook"]), [])

    def test_the_helper_that_cannot_execute_the_command(self):
        out, code, held = self.start(secret(env="PW"), command=["/nothing"])
        self.assertEqual(code, 127, out)
        self.assertEqual(len(held[".runward-env"]), 1)
        self.assertEqual(found_in(held[".runward-env"] + held["runward-hook"]), [])


class CrunContainer(Container):
    runtime = "crun"


if __name__ == "__main__":
    unittest.main()
